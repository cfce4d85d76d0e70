import SeededRandom
import TestSeeds
import Testing

@testable import Routing

struct ByteTableTests {
    /// Keys of every length that the hash and the comparison treat apart, few enough that they come again.
    private static func randomKey(_ random: inout SeededGenerator) -> [UInt8] {
        let count = random.element(of: [0, 1, 2, 3, 4, 7, 8, 9, 14, 16, 17, 20, 21, 24, 32, 33, 100])
        var key = [UInt8](repeating: 0x61, count: count)
        if count > 0 { key[Int.random(in: 0..<count, using: &random)] = UInt8.random(in: 0...40, using: &random) }
        return key
    }

    @Test func agreesWithADictionaryUnderRandomOperations() throws {
        var random = SeededGenerator()
        var table = ByteTable<Int>()
        var model: [[UInt8]: Int] = [:]
        for step in 0..<60_000 {
            let key = Self.randomKey(&random)
            // Growing and shrinking phases take turns.
            let operation = Int.random(in: 0..<6, using: &random) + (step / 10_000 % 2 == 0 ? 0 : 2)
            let agrees = key.withUnsafeBytes { bytes in
                switch operation {
                case 0:
                    let isNew = model[key] == nil
                    if isNew { model[key] = step }
                    return table.insert(step, for: bytes) == isNew
                case 1, 2:
                    return table.update(step, for: bytes) == model.updateValue(step, forKey: key)
                case 3:
                    model[key, default: 0] += 1
                    let sum = table.withValue(for: bytes, default: 0) { value in
                        value += 1
                        return value
                    }
                    return sum == model[key]
                case 4:
                    return table.value(for: bytes) == model[key] && table.contains(bytes) == (model[key] != nil)
                default:
                    return table.remove(bytes) == model.removeValue(forKey: key)
                }
            }
            let count = table.count
            try #require(agrees && count == model.count, "step \(step), key \(key), \(random)")
        }
        var content: [[UInt8]: Int] = [:]
        table.forEach { key, value in content[Array(key)] = value }
        #expect(content == model, "\(random)")
    }

    @Test func keysOfAnyByteAndLengthAreToldApart() {
        var table = ByteTable<[UInt8]>()
        var keys: [[UInt8]] = [[]]
        for count in 1...70 {
            for position in 0..<count {
                for byte: UInt8 in [1, 0x80] {
                    var key = [UInt8](repeating: 0, count: count)
                    key[position] = byte
                    keys.append(key)
                }
            }
        }
        let areNew = keys.map { key in key.withUnsafeBytes { table.insert(key, for: $0) } }
        #expect(areNew.allSatisfy { $0 })
        let values = keys.map { key in key.withUnsafeBytes { table.value(for: $0) } }
        #expect(values == keys)
    }

    @Test func insertLeavesWhatIsThereAndUpdateReplacesIt() {
        var table = ByteTable<String>()
        let inserted = [table.insert("first", for: "key"), table.insert("second", for: "key")]
        #expect(inserted == [true, false])
        let replaced = Array("key".utf8).withUnsafeBytes { table.update("third", for: $0) }
        #expect(replaced == "first")
        let removed = [table.remove("key"), table.remove("key")]
        #expect(removed == ["third", nil])
        let isEmpty = table.isEmpty
        #expect(isEmpty)
    }

    @Test func removingGivesMemoryBack() {
        var table = ByteTable<Int>()
        for number in 0..<10_000 { table.insert(number, for: "key \(number)") }
        let slotsOfAll = table.mask + 1
        for number in 0..<9_999 { table.remove("key \(number)") }
        let (slotsOfOne, last) = (table.mask + 1, table.value(for: "key 9999"))
        #expect(slotsOfAll == 16_384 && slotsOfOne <= 16 && last == 9_999)
    }

    @Test func valuesAreReleasedOnceTheyAreOut() {
        final class Value {}
        weak var removed: Value?
        weak var replaced: Value?
        weak var dropped: Value?
        do {
            var table = ByteTable<Value>()
            let values = (Value(), Value(), Value())
            (removed, replaced, dropped) = values
            table.insert(values.0, for: "removed")
            table.insert(values.1, for: "replaced")
            table.insert(values.2, for: "dropped with a key that does not lie in place")
            table.remove("removed")
            Array("replaced".utf8).withUnsafeBytes { _ = table.update(Value(), for: $0) }
        }
        #expect(removed == nil && replaced == nil && dropped == nil)
    }

    /// Tables differ in their secrets, so keys that collide in one say nothing of another. Both words have to be
    /// secret: whoever knew the one that the first bytes are combined with could make the product zero.
    @Test func everyTableHashesDifferently() {
        let hashes = (0..<100).map { _ in ByteHash() }
        #expect(Set(hashes.map(\.secret)).count == 100 && Set(hashes.map(\.seed)).count == 100)
        let ofOneKey = Array("amq.gen-queue".utf8).withUnsafeBytes { key in hashes.map { $0(key) } }
        #expect(Set(ofOneKey).count == 100)
    }

    /// Names that people give differ in few places; the hash has to spread them all the same.
    @Test func similarKeysSpread() {
        let hash = ByteHash()
        var perBucket = [Int](repeating: 0, count: 1024)
        for number in 0..<65_536 {
            let key = Array("queue.\(number)".utf8)
            perBucket[Int(key.withUnsafeBytes { hash($0) } & 1023)] += 1
        }
        // 64 expected in each, with a standard deviation of 8.
        #expect(perBucket.allSatisfy { (64 - 64...64 + 64).contains($0) })
    }
}
