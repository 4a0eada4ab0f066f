/** Wrong setup (EX_CONFIG of sysexits.h): starting the same again would not help. */
export const EXIT_WRONG_SETUP = 78;
