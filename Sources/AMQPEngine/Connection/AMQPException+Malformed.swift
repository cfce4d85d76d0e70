import AMQPProtocol

extension AMQPException {
    /// What malformed bytes in a method or a content header lead to.
    init(malformed error: WireError) {
        switch error {
        case .unknownMethod: self = .connection(.commandInvalid, "unimplemented method")
        case .invalidUTF8: self = .connection(.syntaxError, "a short string is not valid UTF-8")
        case .truncated: self = .connection(.frameError, "a frame ends inside one of its fields")
        case .trailingBytes: self = .connection(.frameError, "a frame has bytes behind its last field")
        case .unknownFieldType(let type): self = .connection(.frameError, "unknown field table type \(type)")
        case .nestedTooDeep:
            self = .connection(.frameError, "a field table is nested deeper than \(FieldTable.nestingMax) levels")
        case .unknownProperty: self = .connection(.frameError, "unknown property flags")
        }
    }
}
