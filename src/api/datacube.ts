import type { Api } from './api.ts';
import { checkDates } from './checks.ts';
import type { DatacubeRows, Days } from './datacube-rows.ts';
import { post } from './endpoint.ts';

/** Figures of the days from `begin` to `end`, `YYYY-MM-DD`, yesterday at the latest; of one day where `end` is left out. */
export type Figures<Row> = (begin: string, end?: string) => Promise<Days<Row>>;

/** Path, and how many days WeChat takes at once. */
type Endpoint = readonly [path: string, days: number];

// The order is that of the official pages: users, articles (the first four; the others are no longer kept up), messages, API.
const ENDPOINTS = {
  userSummary: ['getusersummary', 7],
  userCumulate: ['getusercumulate', 7],
  articleRead: ['getarticleread', 1],
  articleShare: ['getarticleshare', 1],
  articleTotalDetail: ['getarticletotaldetail', 1],
  bizSummary: ['getbizsummary', 30],
  articleSummary: ['getarticlesummary', 1],
  articleTotal: ['getarticletotal', 1],
  userRead: ['getuserread', 3],
  userReadHour: ['getuserreadhour', 1],
  userShare: ['getusershare', 7],
  userShareHour: ['getusersharehour', 1],
  upstreamMessage: ['getupstreammsg', 7],
  upstreamMessageHour: ['getupstreammsghour', 1],
  upstreamMessageWeek: ['getupstreammsgweek', 30],
  upstreamMessageMonth: ['getupstreammsgmonth', 30],
  upstreamMessageDist: ['getupstreammsgdist', 15],
  upstreamMessageDistWeek: ['getupstreammsgdistweek', 30],
  upstreamMessageDistMonth: ['getupstreammsgdistmonth', 30],
  interfaceSummary: ['getinterfacesummary', 30],
  interfaceSummaryHour: ['getinterfacesummaryhour', 1],
} as const satisfies Record<keyof DatacubeRows, Endpoint>;

/**
 * Statistics (数据统计). Those of a day are there by eight the next morning. Each takes a
 * number of days at most, which stands with it; WeChat refuses more (61501).
 */
export type DatacubeApi = { readonly [Name in keyof DatacubeRows]: Figures<DatacubeRows[Name]> };

export function createDatacubeApi(api: Api): DatacubeApi {
  const figures =
    ([name, days]: Endpoint): Figures<never> =>
    async (begin, end = begin) => {
      checkDates(begin, end, days);
      return post(api, `/datacube/${name}`, { begin_date: begin, end_date: end });
    };
  return Object.fromEntries(
    Object.entries(ENDPOINTS).map(([method, endpoint]) => [method, figures(endpoint)]),
  ) as unknown as DatacubeApi;
}
