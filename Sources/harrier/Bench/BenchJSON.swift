import LoadGenerator

/// Results as JSON.
enum BenchJSON {
    static func text(_ progress: LoadProgress) -> String {
        var json = JSONWriter()
        json.object { json in
            json.name("type")
            json.string("progress")
            let numbers: [(String, Double)] = [
                ("seconds", progress.seconds), ("publish_rate", progress.publishRate),
                ("confirm_rate", progress.confirmRate), ("delivery_rate", progress.deliveryRate),
            ]
            for (name, value) in numbers { json.field(name, value, decimals: 3) }
            json.field("unconfirmed", Double(progress.unconfirmed), decimals: 0)
            json.field("latency_p99_us", progress.latency?.p99, decimals: 1)
            json.field("confirm_latency_p99_us", progress.confirmLatency?.p99, decimals: 1)
            json.field("blocked", Double(progress.blocked), decimals: 0)
        }
        return json.text
    }

    static func text(
        _ result: LoadResult, of broker: BenchBroker, type: String?, letter: String? = nil, round: Int? = nil
    ) -> String {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in [("type", type), ("broker_letter", letter), ("broker_url", broker.name)] {
                guard let value else { continue }
                json.name(name)
                json.string(value)
            }
            if let round { json.field("round", Double(round), decimals: 0) }
            json.fields(of: result)
        }
        return json.text
    }

    /// Without `rounds`, which have been written one by one, only the medians.
    static func text(
        _ comparison: LoadComparison, of brokers: [BenchBroker],
        rounds: [(letter: String, round: Int, result: LoadResult)]?
    ) -> String {
        var json = JSONWriter()
        json.object { json in
            json.name("type")
            json.string("comparison")
            for (letter, broker) in zip(BenchReport.letters, brokers) {
                json.name(letter.lowercased())
                json.string(broker.name)
            }
            json.field("rounds_compared", Double(comparison.first.count), decimals: 0)
            if let rounds {
                json.name("rounds")
                json.array { json in
                    for run in rounds {
                        json.object { json in
                            json.name("broker_letter")
                            json.string(run.letter)
                            json.field("round", Double(run.round), decimals: 0)
                            json.fields(of: run.result)
                        }
                    }
                }
            }
            json.name("medians")
            json.object { json in
                for line in comparison.lines {
                    json.name(line.first.name)
                    json.object { json in
                        json.field("a", line.first.value, decimals: line.first.decimals + 1)
                        json.field("b", line.second.value, decimals: line.second.decimals + 1)
                        json.field("ratio", line.ratio, decimals: 4)
                    }
                }
            }
        }
        return json.text
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ name: String, _ value: Double?, decimals: Int) {
        self.name(name)
        guard let value, value.isFinite else { return null() }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        if decimals == 0, abs(value) < 1e15 { return integer(Int(value)) }
        number((value * scale).rounded() / scale)
    }

    /// Numbers whose names have a dot become objects in objects.
    fileprivate mutating func fields(of result: LoadResult) {
        var rest = result.metrics[...]
        while let metric = rest.first {
            guard let dot = metric.name.firstIndex(of: ".") else {
                field(metric.name, metric.value, decimals: metric.decimals)
                rest = rest.dropFirst()
                continue
            }
            let group = metric.name[...dot]
            let inside = rest.prefix { $0.name.hasPrefix(group) }
            name(String(group.dropLast()))
            object { json in
                for metric in inside {
                    json.field(
                        String(metric.name.dropFirst(group.count)), metric.value, decimals: metric.decimals)
                }
            }
            rest = rest.dropFirst(inside.count)
        }
        name("stopped")
        boolean(result.wasStopped)
        name("error")
        if let failure = result.failure { string(failure.message) } else { null() }
    }
}
