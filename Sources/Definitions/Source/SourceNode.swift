/// A value in a definition file together with the place where it stands: what both formats are read into, before
/// anybody asks what it means.
struct SourceNode {
    enum Content {
        case null
        case boolean(Bool)
        case integer(Int64)
        case double(Double)
        /// A number, as it is written, that neither a 64-bit integer nor a double can hold.
        case numberOutOfRange(String)
        case text(String)
        case list([SourceNode])
        /// In the order of the file. A key that stands twice is here twice.
        case table([Member])
    }

    struct Member {
        var key: String
        var keyPosition: SourcePosition
        var value: SourceNode
    }

    var content: Content
    var position: SourcePosition
}
