import AMQPProtocol
import Broker
import SegmentLog

extension ServerChannel {
    func selectConfirms(_ method: ConfirmSelect) throws(AMQPException) {
        guard mode != .transactional else {
            throw .channel(.preconditionFailed, "cannot switch from tx to confirm mode")
        }
        mode = .confirming
        if !method.noWait { reply(ConfirmSelectOk()) }
    }

    /// Counts a publish on a confirming channel, and sees to its ack or nack.
    func confirm(_ outcome: PublishOutcome) {
        let position: LogPosition
        switch outcome {
        case .rejected:
            // What was published before is confirmed on its own; a nack is for one message.
            reply(BasicNack(deliveryTag: confirms.refuse(), multiple: false, requeue: false))
            return
        case .enqueued(mustBeDurable: true), .filtered:
            position = core.logTail
        case .enqueued(mustBeDurable: false), .unroutable:
            position = LogPosition(rawValue: 0)
        }
        confirm(1, durableAt: position)
    }

    /// The same for publishes in a row.
    func confirm(_ row: PublisherConfirms.Row) {
        confirm(row.count, durableAt: row.mustBeDurable ? core.logTail : LogPosition(rawValue: 0))
    }

    private func confirm(_ count: UInt64, durableAt position: LogPosition) {
        confirms.add(count, durableAt: position, burst: core.burstNumber)
        // Also when earlier publishes are waited for: the next sync is to cover this one.
        connection.waitForDurability(of: position)
        awaitConfirms()
    }

    private func awaitConfirms() {
        guard !isAwaitingConfirm else { return }
        isAwaitingConfirm = true
        connection.channelsAwaitingConfirm.append(self)
    }

    /// Confirms what the log holds durably by now, and waits for the rest.
    func sendConfirms() {
        isAwaitingConfirm = false
        guard !isClosing else { return }
        if let range = confirms.takeDurable(core.isDurable) {
            reply(BasicAck(deliveryTag: range.through, multiple: range.isMultiple))
        }
        guard let position = confirms.nextPosition else { return }
        connection.waitForDurability(of: position)
        awaitConfirms()
    }
}
