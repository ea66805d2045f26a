import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: process.env.PARE_CONTRACT ?? "../../docs/openapi.json",
  output: { path: "client", importFileExtension: ".js" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
});
