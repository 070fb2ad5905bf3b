// What the smoke test of a GitHub workflow or a GitLab pipeline runs, a line each: smoke_test_lines.js MODULES FILE
"use strict";
const [modules, file] = process.argv.slice(2);
const { parse } = require(modules + "/yaml");

const told = parse(require("fs").readFileSync(file, "utf8"));
const steps = told.jobs && told.jobs.smoke.steps;
const lines = steps ? steps.find((step) => step.name === "smoke test").run.trimEnd() : told["smoke test"].script.join("\n");
console.log(lines);
