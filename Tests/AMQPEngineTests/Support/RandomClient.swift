import AMQPProtocol
import SeededRandom
import Testing

@testable import AMQPEngine

/// A client that does one thing after the other on three channels, answers closes and settles what it is given, so that
/// it lives long and gets around.
final class RandomClient {
    let peer: EnginePeer
    private var openChannels: Set<UInt16> = []
    private var transactionalChannels: Set<UInt16> = []
    private var tags: [UInt16: [UInt64]] = [:]
    /// How often each method was received.
    private(set) var receivedCounts: [MethodID: Int] = [:]

    init(_ fixture: EngineFixture) {
        peer = fixture.open()
    }

    /// Whether the connection has come to its end.
    var isOver: Bool { peer.isClosed || peer.connection?.phase != .open }

    /// Takes what came, and sends the next thing, changed by `mutate`, as a part of the burst that is under way.
    func step(_ random: inout SeededGenerator, mutate: (inout SeededGenerator, [UInt8]) -> [UInt8]) {
        observe()
        let channel = UInt16(1 + random.next(upTo: 3))
        if openChannels.insert(channel).inserted {
            peer.present(wire(ChannelOpen(), on: channel))
            switch random.next(upTo: 3) {
            case 0: peer.present(wire(ConfirmSelect(), on: channel))
            case 1:
                peer.present(wire(TxSelect(), on: channel))
                transactionalChannels.insert(channel)
            default: break
            }
        } else {
            let frames = random.channelFrames(
                on: channel, tags: tags[channel] ?? [], isTransactional: transactionalChannels.contains(channel))
            peer.present(mutate(&random, frames))
        }
    }

    private func observe() {
        var closedByServer: Set<UInt16> = []
        for (channel, method) in peer.takeMethods() {
            receivedCounts[method.id, default: 0] += 1
            if closedByServer.contains(channel), method.id != .channelCloseOk {
                Issue.record("\(method) behind channel.close")
            }
            switch method {
            case .channelClose:
                closedByServer.insert(channel)
                peer.present(wire(ChannelCloseOk(), on: channel))
                forget(channel)
            case .channelCloseOk: forget(channel)
            case .basicDeliver(let deliver): note(deliver.deliveryTag, on: channel)
            case .basicGetOk(let getOk): note(getOk.deliveryTag, on: channel)
            case .basicRecoverOk, .txRollbackOk: tags[channel] = []
            default: break
            }
        }
        // The oldest are settled by now or may stay.
        tags = tags.mapValues { $0.suffix(8) }
    }

    private func note(_ tag: UInt64, on channel: UInt16) {
        let last = tags[channel]?.last ?? 0
        if tag <= last { Issue.record("delivery tag \(tag) behind \(last)") }
        tags[channel, default: []].append(tag)
    }

    private func forget(_ channel: UInt16) {
        openChannels.remove(channel)
        transactionalChannels.remove(channel)
        tags[channel] = nil
    }
}
