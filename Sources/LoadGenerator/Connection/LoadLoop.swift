import NIOCore

/// One event loop of a run, and what its connections record.
struct LoadLoop: Sendable {
    /// What a loop has measured.
    struct Measurement: Sendable {
        var delivery = LatencySample()
        var confirm = LatencySample()
        /// Processor time of the loop's thread since it began.
        var processorSeconds = 0.0
    }

    let eventLoop: any EventLoop
    let recorders: NIOLoopBound<LoopRecorders>

    static func make(on eventLoop: any EventLoop) async throws -> LoadLoop {
        let recorders = eventLoop.submit { NIOLoopBound(LoopRecorders(), eventLoop: eventLoop) }
        return LoadLoop(eventLoop: eventLoop, recorders: try await recorders.get())
    }

    /// Begins to measure anew, and tells the thread's processor time.
    func reset() async throws -> Double {
        let reset = eventLoop.submit {
            recorders.value.reset()
            return ProcessUsage.threadProcessorSeconds()
        }
        return try await reset.get()
    }

    /// What has been recorded since the last call.
    func takeRecent() async throws -> Measurement {
        let recent = eventLoop.submit {
            Measurement(
                delivery: recorders.value.delivery.takeRecent(), confirm: recorders.value.confirm.takeRecent(),
                processorSeconds: ProcessUsage.threadProcessorSeconds())
        }
        return try await recent.get()
    }

    /// All that has been recorded since the last reset.
    func measurement() async throws -> Measurement {
        let all = eventLoop.submit {
            _ = recorders.value.delivery.takeRecent()
            _ = recorders.value.confirm.takeRecent()
            return Measurement(
                delivery: recorders.value.delivery.all, confirm: recorders.value.confirm.all,
                processorSeconds: ProcessUsage.threadProcessorSeconds())
        }
        return try await all.get()
    }
}
