extension ChannelClose {
    /// Tells the peer of a refusal; `cause` is the method that was refused.
    public init(_ exception: AMQPException, cause: MethodID = .none) {
        self.init(
            replyCode: exception.code, replyText: exception.replyText, classID: cause.classID, methodID: cause.methodID)
    }
}

extension ConnectionClose {
    /// Tells the peer of a refusal; `cause` is the method that was refused.
    public init(_ exception: AMQPException, cause: MethodID = .none) {
        self.init(
            replyCode: exception.code, replyText: exception.replyText, classID: cause.classID, methodID: cause.methodID)
    }
}
