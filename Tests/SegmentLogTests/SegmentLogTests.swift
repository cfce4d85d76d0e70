import SegmentLog
import Testing

@Suite struct SegmentLogTests {
    @Test func keepsRecordsOnTheRealDisk() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a/b"
        let log = try SegmentLog.open(directory: path, notify: {}, replay: { _ in })
        log.finishRecovery()
        for number in 0..<100 {
            _ = log.append(kind: 7, flags: 3, payloadCount: number, references: 1) { bytes in
                for index in bytes.indices { bytes[index] = UInt8(number) }
            }
        }
        log.close()
        var count = 0
        let again = try SegmentLog.open(
            directory: path, notify: {},
            replay: { record in
                #expect(record.kind == 7 && record.flags == 3)
                #expect(record.payload.elementsEqual([UInt8](repeating: UInt8(count), count: count)))
                count += 1
            })
        #expect(count == 100)
        #expect(again.recovery.damageCount == 0 && again.recovery.tornBytesCut == 0)
        again.finishRecovery()
        again.close()
    }
}
