import SeededRandom
import SegmentLog
import Testing

/// A small log is cut at every byte and has every byte changed: what was not hit is always found again, nothing else is.
@Suite struct DamageTests {
    /// Records of all shapes over several segments: empty, odd lengths, a whole page, larger than a page, and payloads
    /// of zeros, which are easily taken for padding.
    private static let lengths = [
        0, 1, 8, 40, 176, 240, 3, 700, 5, 0, 0, 100, 100, 100, 241, 17, 600, 64, 31, 12, 200, 9, 20, 224,
    ]

    private struct Sample {
        let records: [TestRecord]
        let files: [String: [UInt8]]

        init() throws {
            let disk = FaultyDisk()
            let log = try TestLog.make(disk)
            records = DamageTests.lengths.enumerated().map { number, length in
                let byte: UInt8 = number % 4 == 1 ? 0 : UInt8(number + 1)
                return log.append(
                    TestRecord(
                        kind: UInt8(number % 3 + 1), flags: UInt16(number),
                        payload: [UInt8](repeating: byte, count: length)))
            }
            log.close()
            files = disk.files
        }

        var segmentPaths: [String] { files.keys.filter { $0.hasSuffix(".seg") }.sorted() }

        func base(of path: String) throws -> UInt64 {
            try #require(UInt64(path.dropFirst(4).dropLast(4), radix: 16))
        }
    }

    /// Opens the damaged files, checks what is found, and that the log goes on from there.
    private func check(
        _ files: [String: [UInt8]], expected: [TestRecord], _ comment: @autoclosure () -> Comment,
        report check: (RecoveryReport) -> Void = { _ in }
    ) throws {
        let disk = FaultyDisk(files: files)
        let (log, found) = try TestLog.open(disk)
        #expect(found == expected, comment())
        check(log.recovery)
        log.finishRecovery()
        let added = log.append(TestRecord(kind: 9, payload: [1, 2, 3]))
        log.close()
        let (again, all) = try TestLog.open(disk)
        // Dead segments are gone by now: nothing holds references in this test.
        #expect(all.last == added, comment())
        #expect(all.dropLast().allSatisfy { expected.contains($0) }, comment())
        #expect(again.recovery.tornBytesCut == 0, comment())
        again.close()
    }

    @Test func undamaged() throws {
        let sample = try Sample()
        // The last file was made ahead of its turn, and has no record yet.
        let last = try #require(sample.segmentPaths.last)
        #expect(try sample.records.allSatisfy { $0.contentEnd <= (try sample.base(of: last)) })
        #expect(sample.segmentPaths.count >= 5)
        try check(sample.files, expected: sample.records, "") { report in
            #expect(report.damageCount == 0 && report.tornBytesCut == 0 && report.tornTail == nil)
            #expect(report.records == sample.records.count)
            #expect(report.bytes == sample.records.reduce(0) { $0 + 16 + $1.payload.count })
        }
    }

    @Test func everyByteFlipped() throws {
        let sample = try Sample()
        for path in sample.segmentPaths {
            let base = try sample.base(of: path)
            for offset in 0..<TestLog.segmentByteCount {
                var files = sample.files
                files[path]?[offset] ^= offset % 2 == 0 ? 0xFF : 0x01
                let address = base + UInt64(offset)
                let expected = sample.records.filter { record in
                    address < record.position.rawValue || address >= record.contentEnd
                }
                try check(files, expected: expected, "\(path) \(offset)") { report in
                    // Behind the end it is stray bytes, else it is damage; the record before it is never blamed.
                    let reported = report.damage + (report.tornTail.map { [$0] } ?? [])
                    #expect(reported.count == 1, "\(path) \(offset)")
                    #expect(report.damageCount + (report.tornTail == nil ? 0 : 1) == 1)
                    guard let hole = reported.first, let start = try? sample.base(of: hole.file) else { return }
                    let range = start + UInt64(hole.offset)..<start + UInt64(hole.offset + hole.byteCount)
                    #expect(range.contains(address), "\(path) \(offset)")
                }
            }
        }
    }

    @Test func damagedHeaderIsWrittenAgain() throws {
        let sample = try Sample()
        for path in sample.segmentPaths {
            for offset in 0..<64 {
                var files = sample.files
                files[path]?[offset] ^= 0xFF
                let disk = FaultyDisk(files: files)
                try TestLog.open(disk).log.close()
                let (log, records) = try TestLog.open(disk)
                #expect(records == sample.records && log.recovery.damageCount == 0)
                #expect(log.recovery.tornBytesCut == 0)
                log.close()
            }
        }
    }

    @Test func everyCut() throws {
        let sample = try Sample()
        for path in sample.segmentPaths {
            let base = try sample.base(of: path)
            for length in 0..<TestLog.segmentByteCount {
                var files = sample.files
                files[path]?.removeLast(TestLog.segmentByteCount - length)
                let cut = base..<base + UInt64(TestLog.segmentByteCount)
                let expected = sample.records.filter { record in
                    !cut.contains(record.position.rawValue) || record.contentEnd <= base + UInt64(length)
                }
                try check(files, expected: expected, "\(path) \(length)")
            }
        }
    }

    /// A record that turned to zeros is told from padding, unless the next one had not fitted there anyway.
    @Test func zeroedStretchesAreReported() throws {
        let sample = try Sample()
        for (number, record) in sample.records.enumerated().dropLast() {
            let alignedEnd = (record.contentEnd + 7) & ~7
            let isFollowed = sample.records[number + 1].position.rawValue == alignedEnd
            var files = sample.files
            let path = TestLog.path(segment: Int(record.position.rawValue) / TestLog.segmentByteCount)
            let start = Int(record.position.rawValue) % TestLog.segmentByteCount
            let end = start + 16 + record.payload.count
            files[path]?.replaceSubrange(start..<end, with: [UInt8](repeating: 0, count: end - start))
            try check(files, expected: sample.records.filter { $0 != record }, "\(number)") { report in
                #expect(report.damageCount == 1 || !isFollowed, "\(number)")
            }
        }
    }

    /// Segments go in any order once nothing refers into them: without a checkpoint, that is what a gap means.
    @Test func missingSegmentWasNotNeeded() throws {
        let sample = try Sample()
        for path in sample.segmentPaths.dropFirst().dropLast() {
            let base = try sample.base(of: path)
            var files = sample.files
            files[path] = nil
            let lost = base..<base + UInt64(TestLog.segmentByteCount)
            try check(files, expected: sample.records.filter { !lost.contains($0.position.rawValue) }, "\(path)") {
                #expect($0.damageCount == 0 && $0.tornBytesCut == 0)
            }
        }
    }

    /// Random rubbish over a random stretch, several at once.
    @Test(arguments: [UInt64](1...20)) func rubbish(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sample = try Sample()
        for round in 0..<20 {
            var files = sample.files
            var expected = sample.records
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let path = try #require(sample.segmentPaths.randomElement(using: &generator))
                let base = try sample.base(of: path)
                let start = Int.random(in: 0..<TestLog.segmentByteCount, using: &generator)
                let end = Int.random(in: start...TestLog.segmentByteCount, using: &generator)
                for offset in start..<end { files[path]?[offset] = UInt8.random(in: 0...255, using: &generator) }
                expected.removeAll { record in
                    record.position.rawValue < base + UInt64(end) && record.contentEnd > base + UInt64(start)
                }
            }
            let (log, found) = try TestLog.open(FaultyDisk(files: files))
            // A byte may have been replaced by itself, so more than expected may have survived.
            #expect(expected.allSatisfy { found.contains($0) }, "seed \(seed) round \(round)")
            #expect(found.allSatisfy { sample.records.contains($0) }, "seed \(seed) round \(round)")
            log.close()
        }
    }

    /// A payload that holds a whole valid log does not come to life when the record around it is damaged.
    @Test func embeddedLogStaysEmbedded() throws {
        let inner = try Sample()
        let path = try #require(inner.segmentPaths.first)
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let payload = try #require(inner.files[path]).dropFirst(80).prefix(600)
        let records = [
            log.append(TestRecord(payload: [1])), log.append(TestRecord(payload: Array(payload))),
            log.append(TestRecord(payload: [2])),
        ]
        log.close()
        var files = disk.files
        files[TestLog.path(segment: 0)]?[Int(records[1].position.rawValue)] ^= 1
        try check(files, expected: [records[0], records[2]], "")
    }
}
