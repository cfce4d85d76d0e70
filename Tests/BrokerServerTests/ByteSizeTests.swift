import Testing

@testable import harrier

@Suite struct ByteSizeTests {
    @Test(arguments: [
        ("0", 0), ("1048576", 1 << 20), ("64KiB", 64 << 10), ("256MiB", 256 << 20), ("256mib", 256 << 20),
        ("1GiB", 1 << 30), ("2TiB", 2 << 40), ("3KB", 3_000), ("5MB", 5_000_000), ("1GB", 1_000_000_000), ("7B", 7),
    ])
    func sizesAreRead(text: String, bytes: Int) {
        #expect(ByteSize(argument: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "MiB", "-1", "+1", "1.5GiB", "1 MiB", "1XiB", "0x10", "99999999999GiB", "٣MiB", "MiB1"])
    func anythingElseIsRefused(text: String) {
        #expect(ByteSize(argument: text) == nil)
    }

    @Test(arguments: ["256MiB", "1GiB", "64KiB", "1000", "0"])
    func sizesAreWrittenAsTheyAreRead(text: String) {
        #expect(ByteSize(argument: text)?.defaultValueDescription == text)
    }
}
