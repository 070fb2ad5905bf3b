// Checks a Job's file against the published types of Kubernetes and tells its container's command, a word a line:
// kubernetes.js MODULES FILE
"use strict";
const [modules, file] = process.argv.slice(2);
const { parse } = require(modules + "/yaml");
const { Job } = require(modules + "/kubernetes-models/batch/v1/Job");

const job = new Job(parse(require("fs").readFileSync(file, "utf8")));
job.validate();
console.log(job.spec.template.spec.containers[0].command.join("\n"));
