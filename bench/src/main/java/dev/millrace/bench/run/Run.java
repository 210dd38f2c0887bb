package dev.millrace.bench.run;

/** One run of a benchmark: what it works with and where it reports. */
public record Run(Workspace workspace, BenchPostgres postgres, Progress progress, Report report) {}
