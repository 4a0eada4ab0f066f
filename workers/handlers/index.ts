// What the account does: the first handler of the list that listens to a push and matches it takes the push.
import greeting from './greeting.ts';
import hi from './hi.ts';
import report from './report.ts';
import samePicture from './same-picture.ts';
import welcome from './welcome.ts';

export const handlers = [welcome, hi, samePicture, report, greeting];
