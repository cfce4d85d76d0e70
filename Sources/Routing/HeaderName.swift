/// A header that bindings of a headers exchange ask for.
struct HeaderName {
    /// Numbers of different widths may be equal, so none is too long because a shorter one is asked for.
    static let numberByteMax = 8

    /// How many fields of bindings have the name.
    var useCount = 0
    /// The longest value asked for, in bytes: longer ones of messages need not be looked up. Negative if only
    /// presence is asked for.
    var valueByteMax = -1
    /// The last route whose message had the header. A name that stands twice counts as its first value.
    var seenInRoute: UInt64 = 0
}
