/// A binding of a headers exchange that asks for several conditions at once; it stands under one of them.
struct HeadersBinding: ~Copyable {
    let destination: UInt32
    /// The conditions besides the one that it stands under.
    var others = IDList()
}
