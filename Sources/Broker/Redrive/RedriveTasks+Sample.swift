extension RedriveTasks {
    /// Finds which messages are in the sample that a request asks for, if it asks for one.
    ///
    /// - Parameter then: is called once, with the request that says it.
    func findSample(
        _ request: RedriveRequest, of queue: Queue, _ range: RedriveRange,
        then: @escaping (Result<RedriveRequest, WalkError>) -> Void
    ) {
        guard request.options.order == .sample, let limit = request.options.limit else {
            return then(.success(request))
        }
        let gate = FilterGate(request.filter, of: queue, from: range.begin, direction: range.direction)
        let seed = request.options.seed ?? .random(in: 0...RedriveSample.seedMax)
        let finder = SampleFinder(seed: seed, messagesMax: limit, range, gate)
        func found() -> RedriveRequest {
            var found = request
            found.options.seed = seed
            found.options.sample = finder.sample
            return found
        }
        guard !gate.isClosed else { return then(.success(found())) }
        let walk = QueueWalk(
            queue, request.states, from: gate.begin, scannedMax: .max, direction: range.direction, visitor: finder
        ) { result in
            then(result.map { _ in found() })
        }
        core.walks.begin(walk)
    }

    static func checkSample(_ options: RedriveOptions) throws(RedriveError) {
        guard options.order == .sample else {
            guard options.seed == nil else { throw .badRequest("a seed means nothing unless the order is sample") }
            return
        }
        guard let limit = options.limit, limit <= RedriveSample.messagesMax else {
            throw .badRequest("a sample needs a limit: how many messages, at most \(RedriveSample.messagesMax)")
        }
    }
}
