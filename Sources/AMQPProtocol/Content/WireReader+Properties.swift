extension WireReader {
    /// The flags in front of a property list. Further words of flags may follow, but no property is defined in them
    /// (AMQP 0-9-1, section 4.2.6.1).
    @inlinable
    mutating func readPropertyFlags() throws(WireError) -> BasicPropertyFlags {
        let moreFollow: UInt16 = 1
        let flags = try readUInt16()
        var word = flags
        while word & moreFollow != 0 {
            word = try readUInt16()
            guard word & ~moreFollow == 0 else { throw .unknownProperty }
        }
        let known = BasicPropertyFlags(rawValue: flags & ~moreFollow)
        guard known.isSubset(of: .all) else { throw .unknownProperty }
        return known
    }

    /// A short string for people to look at: bytes that are not UTF-8 become replacement characters.
    mutating func readRepairedShortString() throws(WireError) -> String {
        String(decoding: try readShortStringBytes(), as: UTF8.self)
    }
}
