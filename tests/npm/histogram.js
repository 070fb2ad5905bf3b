// Records what stands on standard input, two sets of "value times" lines with an empty line between, and tells
// what hdr-histogram-js makes of each and of both added: lines of figures, then its percentile text.
"use strict";
const hdr = require(process.argv[2] + "/hdr-histogram-js");

const sets = require("fs").readFileSync(0, "utf8").split("\n\n").map((set) => {
  const histogram = hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3600000000, numberOfSignificantValueDigits: 3 });
  for (const line of set.split("\n").filter((text) => text !== "")) {
    const [value, times] = line.split(" ").map(Number);
    histogram.recordValueWithCount(value, times);
  }
  return histogram;
});

function tell(histogram) {
  const figures = [histogram.totalCount, histogram.minNonZeroValue, histogram.maxValue];
  for (const percent of [10, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100]) {
    figures.push(histogram.getValueAtPercentile(percent));
  }
  console.log(figures.join(" "));
  console.log(histogram.mean.toFixed(6), histogram.stdDeviation.toFixed(6));
  console.log(histogram.outputPercentileDistribution(5, 1000));
}

sets.forEach(tell);
sets[0].add(sets[1]);
tell(sets[0]);
