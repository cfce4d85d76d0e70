import AMQPProtocol
import NIOCore
import SeededRandom
import Testing

@testable import HarrierClient

struct ConfirmLedgerTests {
    private static func fingerprint(_ body: String, properties: [UInt8] = []) -> ReturnFingerprint {
        properties.withUnsafeBytes {
            ReturnFingerprint(exchange: "x", routingKey: "k", properties: $0, body: ByteBuffer(string: body))
        }
    }

    private static func returned(_ body: String) -> ReturnedMessage {
        ReturnedMessage(
            replyCode: .noRoute, replyText: "NO_ROUTE", exchange: "x", routingKey: "k", properties: .init(),
            body: ByteBuffer(string: body))
    }

    /// A ledger with publishes 1 to `count`, whose callers have the same numbers.
    private static func ledger(_ count: UInt64, windowMax: Int = 100) -> ConfirmLedger {
        var ledger = ConfirmLedger(windowMax: windowMax)
        for number in 1...count { ledger.recordPublish(call: CallID(number), fingerprint: fingerprint("\(number)")) }
        return ledger
    }

    private static func calls(_ settlements: [ConfirmLedger.Settlement]?) -> [UInt64]? {
        settlements?.map(\.call.rawValue)
    }

    @Test func answersMayComeOneByOneOrTogether() {
        var ledger = Self.ledger(6)
        #expect(Self.calls(ledger.settle(tag: 2, multiple: false, refused: false)) == [2])
        #expect(Self.calls(ledger.settle(tag: 4, multiple: true, refused: false)) == [1, 3, 4])
        #expect(Self.calls(ledger.settle(tag: 4, multiple: true, refused: false)) == [])
        #expect(Self.calls(ledger.settle(tag: 3, multiple: false, refused: false)) == [])
        #expect(Self.calls(ledger.settle(tag: 0, multiple: true, refused: false)) == [5, 6])
    }

    @Test func tagsThatWereNeverGivenOutBreakTheProtocol() {
        var ledger = Self.ledger(2)
        #expect(ledger.settle(tag: 3, multiple: false, refused: false) == nil)
        #expect(ledger.settle(tag: 3, multiple: true, refused: false) == nil)
        #expect(ledger.settle(tag: .max, multiple: true, refused: false) == nil)
        #expect(ledger.settle(tag: 0, multiple: false, refused: false) == nil)
    }

    @Test func aRefusalIsAnError() {
        var ledger = Self.ledger(2)
        let settlements = ledger.settle(tag: 2, multiple: true, refused: true)
        #expect(settlements?.map(\.error?.code) == [.publishRefused, .publishRefused])
    }

    @Test func theWindowCountsFromTheOldestThatIsNotAnswered() {
        var ledger = Self.ledger(3, windowMax: 3)
        #expect(!ledger.hasRoom)
        _ = ledger.settle(tag: 2, multiple: false, refused: false)
        #expect(!ledger.hasRoom)
        _ = ledger.settle(tag: 1, multiple: false, refused: false)
        #expect(ledger.hasRoom)
    }

    @Test func aReturnedMessageFailsWhenItIsAcknowledged() {
        var ledger = Self.ledger(3)
        #expect(ledger.claim(Self.returned("2"), fingerprint: Self.fingerprint("2")) == true)
        let settlements = ledger.settle(tag: 3, multiple: true, refused: false)
        #expect(settlements?.map(\.error?.code) == [nil, .publishReturned, nil])
        #expect(settlements?[1].error?.returnedMessage.map { String(buffer: $0.body) } == "2")
    }

    @Test func ofTwinsTheOldestIsBlamedFirst() {
        var ledger = ConfirmLedger(windowMax: 10)
        for number in 1...4 as ClosedRange<UInt64> {
            ledger.recordPublish(call: CallID(number), fingerprint: Self.fingerprint("same"))
        }
        // What has been confirmed was not returned: the broker returns before it confirms.
        _ = ledger.settle(tag: 1, multiple: false, refused: false)
        #expect(ledger.claim(Self.returned("same"), fingerprint: Self.fingerprint("same")) == true)
        #expect(ledger.claim(Self.returned("same"), fingerprint: Self.fingerprint("same")) == true)
        let settlements = ledger.settle(tag: 4, multiple: true, refused: false)
        #expect(settlements?.map(\.error?.code) == [.publishReturned, .publishReturned, nil])
    }

    @Test func propertiesTellTwinsApartUnlessTheBrokerRewroteThem() {
        var ledger = ConfirmLedger(windowMax: 10)
        ledger.recordPublish(call: CallID(1), fingerprint: Self.fingerprint("same", properties: [1]))
        ledger.recordPublish(call: CallID(2), fingerprint: Self.fingerprint("same", properties: [2]))
        #expect(ledger.claim(Self.returned("same"), fingerprint: Self.fingerprint("same", properties: [2])) == true)
        #expect(ledger.claim(Self.returned("same"), fingerprint: Self.fingerprint("same", properties: [1])) == false)

        var other = ConfirmLedger(windowMax: 10)
        other.recordPublish(call: CallID(1), fingerprint: Self.fingerprint("same", properties: [1]))
        #expect(other.claim(Self.returned("same"), fingerprint: Self.fingerprint("same", properties: [3])) == true)
    }

    @Test func whatIsNotMandatoryIsNotReturned() {
        var ledger = ConfirmLedger(windowMax: 10)
        ledger.recordPublish(call: CallID(1), fingerprint: nil)
        #expect(ledger.claim(Self.returned("1"), fingerprint: Self.fingerprint("1")) == false)
    }

    @Test func waitingForAllEndsWithTheLast() {
        var ledger = ConfirmLedger(windowMax: 10)
        #expect(ledger.waitForAll(CallID(90)) == true)
        for _ in 1...3 { ledger.recordPublish(call: nil, fingerprint: nil) }
        #expect(ledger.waitForAll(CallID(91)) == false)
        ledger.recordPublish(call: nil, fingerprint: nil)
        #expect(ledger.waitForAll(CallID(92)) == false)
        #expect(Self.calls(ledger.settle(tag: 2, multiple: false, refused: true)) == [])
        #expect(Self.calls(ledger.settle(tag: 3, multiple: false, refused: false)) == [])
        let first = ledger.settle(tag: 1, multiple: false, refused: false)
        #expect(Self.calls(first) == [91])
        #expect(first?.first?.error?.code == .publishRefused)
        let second = ledger.settle(tag: 4, multiple: true, refused: false)
        #expect(Self.calls(second) == [92])
        // The failure has been told.
        #expect(second?.first?.error == nil)
    }

    @Test func whoIsForgottenIsNotTold() {
        var ledger = Self.ledger(2)
        #expect(ledger.waitForAll(CallID(9)) == false)
        ledger.forget(CallID(1))
        ledger.forget(CallID(9))
        #expect(Self.calls(ledger.settle(tag: 2, multiple: true, refused: false)) == [2])
    }

    @Test func atTheEndEverybodyWhoWaitsIsHandedOut() {
        var ledger = Self.ledger(3)
        _ = ledger.settle(tag: 2, multiple: false, refused: false)
        _ = ledger.waitForAll(CallID(9))
        #expect(ledger.removeAll().map(\.rawValue) == [1, 3, 9])
    }

    /// Against a plain list, over random answers: every caller is told once, and only of its own publish.
    @Test func everyCallerIsToldOnce() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var ledger = ConfirmLedger(windowMax: 50)
            var (sent, open, told) = (UInt64(0), Set<UInt64>(), Set<UInt64>())
            for _ in 0..<200 {
                if ledger.hasRoom, Bool.random(using: &random) {
                    sent += 1
                    open.insert(sent)
                    ledger.recordPublish(call: CallID(sent), fingerprint: nil)
                } else if sent > 0 {
                    let multiple = Bool.random(using: &random)
                    let tag = UInt64.random(in: 1...sent, using: &random)
                    let expected = open.filter { multiple ? $0 <= tag : $0 == tag }
                    let settled = Set(
                        Self.calls(ledger.settle(tag: tag, multiple: multiple, refused: false)) ?? [])
                    #expect(settled == expected, "seed \(seed)")
                    #expect(settled.isDisjoint(with: told), "seed \(seed)")
                    open.subtract(settled)
                    told.formUnion(settled)
                }
            }
            #expect(Set(ledger.removeAll().map(\.rawValue)) == open, "seed \(seed)")
        }
    }
}
