import ArgumentParser

/// How `harrier bench` tells its results.
enum BenchOutput: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case ndjson
}
