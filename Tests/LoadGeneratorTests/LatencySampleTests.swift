import Testing

@testable import LoadGenerator

@Suite struct LatencySampleTests {
    @Test func percentilesAreThoseOfWhatWasRecorded() throws {
        var recorder = LatencyRecorder()
        for millisecond in 1...1_000 { recorder.record(nanoseconds: UInt64(millisecond) * 1_000_000) }
        recorder.endRun()
        let summary = try #require(recorder.takeRecent().summary)
        #expect(summary.count == 1_000)
        #expect(summary.min == 1_000)
        #expect(summary.max == 1_000_000)
        for (value, expected) in [
            (summary.p50, 500_000.0), (summary.p90, 900_000), (summary.p99, 990_000), (summary.p999, 999_000),
        ] {
            #expect(abs(value - expected) <= expected / 1_000, "\(value)")
        }
    }

    @Test func nothingRecordedIsNoSummary() {
        var recorder = LatencyRecorder()
        recorder.endRun()
        #expect(recorder.takeRecent().summary == nil)
    }

    @Test func equalOnesInARowCountEach() throws {
        var recorder = LatencyRecorder()
        for _ in 0..<5 { recorder.record(nanoseconds: 0) }
        for _ in 0..<7 { recorder.record(nanoseconds: 9_000) }
        recorder.endRun()
        #expect(recorder.takeRecent().count == 12)
        #expect(recorder.takeRecent().count == 0)
        #expect(recorder.all.count == 12)
        recorder.reset()
        #expect(recorder.all.count == 0)
    }

    @Test func whatIsTooLongCountsAsAnHour() throws {
        var sample = LatencySample()
        sample.record(nanoseconds: .max, count: 3)
        #expect(sample.count == 3)
        #expect(sample.summary?.max == 3_600_000_000)
    }
}
