import { scanEngine } from "./scan.ts";

/** Right, and 10 ms late. */
export const load = () =>
  scanEngine("slow", (store) => ({
    async searchVector(...query) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return (await store.searchVector?.(...query)) ?? [];
    },
  }));
