import Foundation

/// One client of the load, with a connection and a thread of its own. It works until its connection ends.
protocol Worker: Sendable {
    /// Records what it does as it goes: what it is about to send before it is sent.
    func work(_ record: inout WorkRecord) throws(WireClient.Failure)
}

extension Worker {
    func run() async -> WorkRecord {
        await Blocking.run {
            var record = WorkRecord()
            do throws(WireClient.Failure) {
                try work(&record)
            } catch {
                if case .ended = error { return record }
                record.problems.append("\(Self.self): \(error)")
            }
            return record
        }
    }
}

/// What a worker did, in the order in which it did it.
struct WorkRecord: Sendable {
    var operations: [Operation] = []
    var topology: [TopologyItem] = []
    /// Publishes confirmed and commits answered.
    var confirmCount = 0
    /// Messages settled: acknowledged, requeued, rejected.
    var settleCount = 0
    /// What must not happen while the broker runs.
    var problems: [String] = []
}

/// Calls that block have no place on the threads that tasks share.
enum Blocking {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await run { Result { try body() } }.get()
    }
}
