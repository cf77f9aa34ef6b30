import { scanEngine } from "./scan.ts";

/** Takes its process down when it is first asked. */
export const load = () =>
  scanEngine("crash", () => ({
    searchVector() {
      console.error("out of luck");
      process.exit(3);
    },
  }));
