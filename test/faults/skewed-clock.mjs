// Preloaded into a process: its clock is SKEW_MS off.
const skew = Number(process.env.SKEW_MS);
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + skew);
    else super(...values);
  }
  static now() {
    return RealDate.now() + skew;
  }
};
