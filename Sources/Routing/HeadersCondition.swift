/// What one field of a headers binding asks for: that a header is there, or that it has a certain value. Bindings
/// that ask for the same share the condition.
struct HeadersCondition: ~Copyable {
    /// How many fields of bindings ask for it.
    var useCount = 0
    /// Where messages go that meet the condition, whatever else they have.
    var destinations = IDList()
    /// Bindings that ask for other conditions besides.
    var candidates = IDList()
    /// The last route whose message met the condition.
    var metInRoute: UInt64 = 0
}
