import SegmentLog

/// Takes a scheduled message back, exactly once: it leaves the queue that it waits in as if it had been acknowledged, in a
/// turn of the core, so that it can't be delivered as well. Its entry in the timing wheel stays, and finds it gone.
final class ScheduledCancellation: PageWaiter {
    private let id: MessageID
    private unowned let host: VirtualHost
    private unowned let core: BrokerCore
    private var completion: ((Result<Void, ScheduledCancelError>) -> Void)?

    init(_ id: MessageID, in host: VirtualHost, then completion: @escaping (Result<Void, ScheduledCancelError>) -> Void)
    {
        self.id = id
        self.host = host
        core = host.core
        self.completion = completion
    }

    func begin() {
        guard !core.isClosed else { return finish(.failure(.brokerClosed)) }
        core.cancellations[ObjectIdentifier(self)] = self
        attempt()
    }

    /// The broker is closing.
    func close() { finish(.failure(.brokerClosed)) }

    private func finish(_ result: Result<Void, ScheduledCancelError>) {
        guard let completion else { return }
        self.completion = nil
        core.cancellations[ObjectIdentifier(self)] = nil
        completion(result)
    }

    func pageArrived() {
        guard completion != nil else { return }
        core.goOnInTurn { self.attempt() }
    }

    private func attempt() {
        guard completion != nil else { return }
        guard let queue = host.scheduledMessages, queue.ready.isLive(id.place) else {
            return finish(.failure(.notFound))
        }
        let isReady = !queue.ready.lines[id.place.line].isOut(at: id.place.number)
        if !isReady, core.pendingDeadLetters.contains(where: { $0.queue === queue && $0.entry.sequence == id.rawValue })
        {
            return finish(.failure(.onItsWay))
        }
        guard let entry = queue.entry(at: id.place) else { return queue.bring(id.place, for: self) }
        if isReady {
            queue.take(entry)
        } else {
            // A dead letter that nobody takes: the set that has it finds it gone.
            core.undeliverableRetry.topologyChanged()
        }
        let mustBeDurable = !entry.handle.isTransient
        queue.settle(entry)
        guard mustBeDurable else { return finish(.success(())) }
        core.record()
        core.whenDurable(core.logTail) { self.finish(.success(())) }
    }
}

extension VirtualHost {
    /// Takes a message back that waits for its time, also one whose time is over and that nobody takes.
    ///
    /// - Parameter then: is called exactly once, on the core's loop, possibly within this call. After a success the message
    ///   is gone, whatever happens to the process.
    public func cancelScheduled(_ id: MessageID, then: @escaping (Result<Void, ScheduledCancelError>) -> Void) {
        ScheduledCancellation(id, in: self, then: then).begin()
    }
}
