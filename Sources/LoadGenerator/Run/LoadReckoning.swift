/// Reckons what a run has come to, from what there was when measuring began and what there is at its end.
struct LoadReckoning {
    /// How the run ended.
    struct End {
        let time: UInt64
        let missing: Int
        let residentMebibytesMax: Double
        let wasStopped: Bool
        let failure: LoadError?
    }

    private let plan: LoadPlan
    private let fleet: LoadFleet
    private let base: LoadBaseline
    private let end: End

    init(_ plan: LoadPlan, _ fleet: LoadFleet, base: LoadBaseline, end: End) {
        self.plan = plan
        self.fleet = fleet
        self.base = base
        self.end = end
    }

    func result() async throws -> LoadResult {
        // What processes have used first: what follows is not the load.
        let clientSeconds = ProcessUsage.ownProcessorSeconds() - base.clientProcessorSeconds
        let broker = plan.brokerProcessID.flatMap { ProcessUsage.read(processID: $0) }
        let totals = await fleet.totals()
        var result = counts(totals)
        setRates(&result, totals)
        try await setLoops(&result)
        let messages = measured(totals)
        result.clientProcessorSeconds = clientSeconds
        result.clientMicrosecondsPerMessage = perMessage(clientSeconds, messages)
        result.clientCores = result.seconds > 0 ? clientSeconds / result.seconds : 0
        if let broker, let before = base.broker {
            let seconds = broker.processorSeconds - before.processorSeconds
            result.broker = BrokerUsage(
                processorSeconds: seconds, microsecondsPerMessage: perMessage(seconds, messages),
                cores: result.seconds > 0 ? seconds / result.seconds : 0,
                residentMebibytes: broker.residentMebibytes, anonymousMebibytes: broker.anonymousMebibytes,
                residentMebibytesMax: max(end.residentMebibytesMax, broker.residentMebibytes),
                peakMebibytes: broker.peakMebibytes)
        }
        result.wasStopped = end.wasStopped
        result.failure = end.failure
        return result
    }

    private func counts(_ totals: LoadTotals) -> LoadResult {
        var result = LoadResult()
        result.published = totals.published
        result.confirmed = totals.confirmed
        result.nacked = totals.nacked
        result.returned = totals.returned
        result.delivered = totals.delivered
        result.redelivered = totals.redelivered
        result.orderErrors = totals.orderErrors
        result.foreign = totals.foreign
        result.blocked = totals.blocked
        result.missing = end.missing
        if plan.producerRate != nil { result.lateMicrosecondsMax = Double(totals.lateNanosecondsMax) / 1000 }
        return result
    }

    private func setRates(_ result: inout LoadResult, _ totals: LoadTotals) {
        // Who did not come to an end, by a failure or a stop, was busy up to now.
        let publishEnd = fleet.areProducersDone ? totals.publishEnd : end.time
        let publishSeconds = seconds(to: publishEnd)
        let deliverySeconds = seconds(to: totals.deliveryEnd)
        let published = totals.published - base.totals.published
        let delivered = totals.delivered - base.totals.delivered
        result.seconds = max(publishSeconds, deliverySeconds)
        if published > 0, publishSeconds > 0 { result.publishRate = Double(published) / publishSeconds }
        if delivered > 0, deliverySeconds > 0 { result.deliveryRate = Double(delivered) / deliverySeconds }
        let bytes =
            plan.consumers > 0
            ? totals.deliveredBytes - base.totals.deliveredBytes : totals.publishedBytes - base.totals.publishedBytes
        if result.seconds > 0 { result.megabytesPerSecond = Double(bytes) / 1e6 / result.seconds }
    }

    private func setLoops(_ result: inout LoadResult) async throws {
        var delivery = LatencySample()
        var confirm = LatencySample()
        for (loop, before) in zip(fleet.loops, base.loopProcessorSeconds) {
            let measurement = try await loop.measurement()
            delivery.add(measurement.delivery)
            confirm.add(measurement.confirm)
            guard result.seconds > 0 else { continue }
            let share = (measurement.processorSeconds - before) / result.seconds
            result.clientBusiestThread = max(result.clientBusiestThread, share)
        }
        result.latency = delivery.summary
        result.confirmLatency = confirm.summary
    }

    private func seconds(to time: UInt64) -> Double { time > base.time ? Double(time - base.time) / 1e9 : 0 }

    private func measured(_ totals: LoadTotals) -> Int {
        plan.producers > 0
            ? totals.published - base.totals.published : totals.delivered - base.totals.delivered
    }

    private func perMessage(_ seconds: Double, _ messages: Int) -> Double? {
        messages > 0 ? seconds * 1e6 / Double(messages) : nil
    }
}
