// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `tx.select`, sent by the client, answered by ``TxSelectOk``. From now on publishes and acknowledgements on the
/// channel wait for a commit.
public struct TxSelect: AMQPMethod {
    @inlinable public static var id: MethodID { .txSelect }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `tx.select-ok`, sent by the server. The channel is transactional.
public struct TxSelectOk: AMQPMethod {
    @inlinable public static var id: MethodID { .txSelectOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `tx.commit`, sent by the client, answered by ``TxCommitOk``. Carries out what was collected, and begins anew.
public struct TxCommit: AMQPMethod {
    @inlinable public static var id: MethodID { .txCommit }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `tx.commit-ok`, sent by the server. It is done.
public struct TxCommitOk: AMQPMethod {
    @inlinable public static var id: MethodID { .txCommitOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `tx.rollback`, sent by the client, answered by ``TxRollbackOk``. Forgets what was collected, and begins anew.
public struct TxRollback: AMQPMethod {
    @inlinable public static var id: MethodID { .txRollback }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `tx.rollback-ok`, sent by the server. It is forgotten.
public struct TxRollbackOk: AMQPMethod {
    @inlinable public static var id: MethodID { .txRollbackOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
