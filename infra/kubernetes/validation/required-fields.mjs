// Reads manifests (YAML, one or more documents) from standard input and holds each against the schema of its kind: required fields and types.
// Writes one JSON line for each finding. Exit code 0 without a finding, 1 with some, 2 when it cannot judge.
import { parseAllDocuments } from "yaml";

const packageOf = (group) => (group === "monitoring.coreos.com" ? "@kubernetes-models/prometheus-operator" : "kubernetes-models");

async function modelOf(apiVersion, kind) {
  const models = await import(`${packageOf(apiVersion.split("/")[0])}/${apiVersion}/${kind}`);
  return models[kind];
}

async function* findingsOf(manifest) {
  const { apiVersion, kind } = manifest ?? {};
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    yield "it has no apiVersion or no kind";
    return;
  }

  let model;
  try {
    model = await modelOf(apiVersion, kind);
  } catch (error) {
    if (!["ERR_MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(error.code)) throw error;
    yield `there is no ${kind} in ${apiVersion}`;
    return;
  }

  try {
    new model(manifest).validate();
  } catch (error) {
    yield error.message;
  }
}

let text = "";
for await (const part of process.stdin) text += part;

let found = 0;
for (const document of parseAllDocuments(text)) {
  if (document.errors.length > 0) {
    console.error(document.errors.map((error) => error.message).join("\n"));
    process.exit(2);
  }

  const manifest = document.toJS();
  if (manifest === null) continue;
  for await (const message of findingsOf(manifest)) {
    found++;
    console.log(JSON.stringify({ kind: manifest.kind ?? null, name: manifest.metadata?.name ?? null, message }));
  }
}

process.exit(found === 0 ? 0 : 1);
