import AMQPProtocol
import Testing

@testable import Broker

/// How many dead letters have come to a queue within the last minute.
@Suite struct DeadLetterArrivalTests {
    @Test("a minute's are counted, and then forgotten; what is published is no dead letter")
    func lastMinute() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let dead = try moving.queue("dead")
        #expect(dead.facts.deadLettersLastMinute == 0 && !dead.facts.deadLettersSinceStart)
        try moving.broker.publish("none", key: "dead")
        try moving.kill(["1", "2", "3"], in: "a")
        #expect(dead.facts.deadLettersLastMinute == 3 && dead.facts.deadLettersSinceStart)
        moving.broker.advance(milliseconds: 50_000)
        try moving.kill(["4"], in: "a")
        #expect(dead.facts.deadLettersLastMinute == 4)
        moving.broker.advance(milliseconds: 10_001)
        #expect(dead.facts.deadLettersLastMinute == 1)
        moving.broker.advance(milliseconds: 3_600_000)
        #expect(dead.facts.deadLettersLastMinute == 0)
    }

    @Test("after a clock was set back the count begins anew")
    func clock() {
        let arrivals = DeadLetterArrivals()
        arrivals.add(nowMilliseconds: 1_000_000)
        arrivals.add(nowMilliseconds: 500_000)
        #expect(arrivals.lastMinute(nowMilliseconds: 500_000) == 1)
        #expect(arrivals.lastMinute(nowMilliseconds: 554_999) == 1)
        #expect(arrivals.lastMinute(nowMilliseconds: 560_000) == 0)
    }
}
