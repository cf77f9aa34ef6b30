import { scanEngine } from "./scan.ts";

/** Never answers. */
export const load = () => scanEngine("stuck", () => ({ searchVector: () => new Promise<never>(() => {}) }));
