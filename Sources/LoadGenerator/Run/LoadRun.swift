import HarrierClient
import NIOCore
import NIOPosix

/// Puts one load on one broker, once.
public struct LoadRun: Sendable {
    private let plan: LoadPlan
    private let configuration: ConnectionConfiguration
    private let stop: LoadStop
    private let onProgress: (@Sendable (LoadProgress) -> Void)?

    /// - Parameters:
    ///   - stop: Ends the run early.
    ///   - onProgress: Told about once a second how it goes.
    public init(
        _ plan: LoadPlan, against configuration: ConnectionConfiguration, stop: LoadStop = LoadStop(),
        onProgress: (@Sendable (LoadProgress) -> Void)? = nil
    ) {
        self.plan = plan
        self.configuration = configuration
        self.stop = stop
        self.onProgress = onProgress
    }

    /// Declares the topology, connects everybody, lets the load run, and removes what was declared.
    ///
    /// - Throws: If it could not begin. What goes wrong later is ``LoadResult/failure``, beside what had been measured.
    public func run() async throws(LoadError) -> LoadResult {
        try plan.validate()
        if let processID = plan.brokerProcessID, ProcessUsage.read(processID: processID) == nil {
            throw .plan("there is no process \(processID) on this machine")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: plan.threads)
        let result: Result<LoadResult, LoadError>
        do throws(LoadError) {
            result = .success(try await run(on: group))
        } catch {
            result = .failure(error)
        }
        // It fails only if it was shut down before.
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws(LoadError) -> LoadResult {
        do {
            return try await HarrierConnection.withConnection(to: controlConfiguration, eventLoopGroup: group) {
                control in
                var topology = LoadTopology(plan, on: control)
                do {
                    try await topology.prepare()
                    let result = try await measure(on: group, topology)
                    try await cleanUp(topology, after: result)
                    return result
                } catch {
                    // What had been made so far goes; the first error is the one to tell.
                    try? await topology.cleanUp()
                    throw error
                }
            }
        } catch let error as LoadError {
            throw error
        } catch {
            throw .broker("\(error)")
        }
    }

    private var controlConfiguration: ConnectionConfiguration {
        var control = configuration
        if control.connectionName == nil { control.connectionName = "harrier bench: control" }
        return control
    }

    private func measure(on group: MultiThreadedEventLoopGroup, _ topology: LoadTopology) async throws -> LoadResult {
        var loops: [LoadLoop] = []
        for eventLoop in group.makeIterator() { loops.append(try await .make(on: eventLoop)) }
        let board = RunBoard()
        let fleet = try await LoadFleet.connect(plan, to: configuration, on: loops, board: board)
        var watch = LoadWatch(plan, fleet, board: board, stop: stop, onProgress: onProgress)
        do {
            var result = try await watch.run()
            await fleet.close()
            result.messagesFound = topology.messagesFound
            if plan.consumers == 0, result.failure == nil { result.queueDepth = try? await topology.messageCount() }
            return result
        } catch {
            await fleet.close()
            throw error
        }
    }

    /// A broker that has failed may well not clean up either, and that is not what is to be told.
    private func cleanUp(_ topology: LoadTopology, after result: LoadResult) async throws {
        do {
            try await topology.cleanUp()
        } catch {
            if result.failure == nil { throw error }
        }
    }
}
