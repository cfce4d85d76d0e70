import ArgumentParser
import Foundation
import HarrierClient
import NIOCore

/// Moves messages of a queue with AMQP alone: each is fetched, published with a confirm, and only then acknowledged, so that none
/// is lost, and one may be there twice if something fails in between.
///
/// What can't go is held until the end, so that it does not come again, and then given back.
struct AMQPMove {
    /// Messages that stay, which the broker has to keep as unacknowledged meanwhile. At so many the move ends.
    static let staysMax = 1000

    /// What has come of it.
    struct Outcome {
        var moved = 0
        var bytes = 0
        var stays: [(delivery: Delivery, cause: FetchedDeadLetter.Stays)] = []
    }

    let connection: HarrierConnection
    let queue: String
    let options: MoveOptions
    let user: String

    /// - Parameters:
    ///   - count: how many are fetched at the most: those that were there at the begin, so that what comes back does not go
    ///     round.
    ///   - stop: ends it behind the message in hand.
    func run(_ count: Int, until stop: StopRequest, _ outcome: inout Outcome) async throws {
        // Publishing wrongly ends a channel, and with it what was fetched on it.
        let fetching = try await connection.openChannel()
        let publishing = try await connection.openChannel()
        var knownExchanges: [String: Bool] = ["": true]
        let clock = ContinuousClock()
        let begin = clock.now
        for _ in 0..<count where outcome.stays.count < Self.staysMax && outcome.moved < options.pace.limit ?? .max {
            guard !stop.isMade else { break }
            if let rate = options.pace.rate {
                try await clock.sleep(until: begin + .nanoseconds(Int64(outcome.moved) * 1_000_000_000 / Int64(rate)))
            }
            guard let delivery = try await fetching.get(from: queue) else { break }
            do {
                try await move(delivery, on: publishing, &knownExchanges)
            } catch let cause as FetchedDeadLetter.Stays {
                outcome.stays.append((delivery, cause))
                continue
            }
            try fetching.acknowledge(delivery)
            outcome.moved += 1
            outcome.bytes += delivery.body.readableBytes
        }
        for stays in outcome.stays { try fetching.reject(stays.delivery, requeue: true) }
        // The answer says that all that has been worked through.
        _ = try await fetching.checkQueue(queue)
    }

    /// Publishes it.
    ///
    /// - Throws: why it stays, or that the broker or the connection has ended it all.
    private func move(
        _ delivery: Delivery, on channel: HarrierChannel, _ knownExchanges: inout [String: Bool]
    ) async throws {
        let letter = FetchedDeadLetter(delivery: delivery)
        let now = UInt64(max(0, Date().timeIntervalSince1970))
        let properties = try letter.properties(options, by: user, atSeconds: now)
        let (exchange, key) = try letter.target(options.destination)
        if knownExchanges[exchange] == nil { knownExchanges[exchange] = try await isThere(exchange) }
        guard knownExchanges[exchange] == true else { throw FetchedDeadLetter.Stays.noExchange }
        do {
            try await channel.publishConfirmed(
                delivery.body, to: exchange, routingKey: key, properties: properties, mandatory: true)
        } catch {
            switch error.code {
            case .publishReturned: throw FetchedDeadLetter.Stays.unroutable
            case .publishRefused: throw FetchedDeadLetter.Stays.refused
            default: throw error
            }
        }
    }

    /// Asking for an exchange that is not there ends the channel.
    private func isThere(_ exchange: String) async throws -> Bool {
        do {
            try await connection.withChannel { try await $0.checkExchange(exchange) }
            return true
        } catch let error as AMQPClientError where error.replyCode == .notFound {
            return false
        }
    }
}
