/// That a queue's dead letters are moved back again and again: what a policy's keys `redrive-…` say.
public final class RedrivePolicy: Sendable, Equatable {
    public static let everyMillisecondsMin: Int64 = 1000

    /// From the begin of one run to the begin of the next.
    public let everyMilliseconds: UInt64
    /// Which messages; all that are ready unless it says otherwise.
    public let filter: MessageFilter
    public let destination: RedriveDestination
    /// What has been moved so often is not moved back any more.
    public let redrivenMax: Int
    /// Where that goes instead; nil if it stays.
    public let parkingQueue: String?
    /// At the most; nil for as fast as it goes.
    public let messagesPerSecond: Int?

    init(
        everyMilliseconds: UInt64, filter: MessageFilter, destination: RedriveDestination, redrivenMax: Int,
        parkingQueue: String?, messagesPerSecond: Int?
    ) {
        self.everyMilliseconds = everyMilliseconds
        self.filter = filter
        self.destination = destination
        self.redrivenMax = redrivenMax
        self.parkingQueue = parkingQueue
        self.messagesPerSecond = messagesPerSecond
    }

    public static func == (left: RedrivePolicy, right: RedrivePolicy) -> Bool {
        left === right
            || left.everyMilliseconds == right.everyMilliseconds && left.filter.text == right.filter.text
                && left.destination == right.destination && left.redrivenMax == right.redrivenMax
                && left.parkingQueue == right.parkingQueue && left.messagesPerSecond == right.messagesPerSecond
    }

    /// A run does these, one after the other.
    enum Step: Sendable {
        /// What has been moved too often goes to the parking queue. First, so that it is not counted as staying.
        case park
        case move
    }

    var steps: [Step] { parkingQueue == nil ? [.move] : [.park, .move] }

    /// - Returns: nil for a step that there is nothing to do in.
    func request(for step: Step) -> RedriveRequest? {
        var options = RedriveOptions()
        options.messagesPerSecond = messagesPerSecond
        switch step {
        case .move:
            options.redrivenMax = redrivenMax
            return RedriveRequest(filter: filter, destination: destination, options: options)
        case .park:
            options.redrivenMax = .max
            options.isParking = true
            guard let parkingQueue, let often = try? MessageFilter("redriven >= \(redrivenMax)"),
                // That there is room for both was checked when the policy came.
                let both = try? filter.and(often)
            else { return nil }
            return RedriveRequest(filter: both, destination: .queue(parkingQueue), options: options)
        }
    }
}
