import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct MethodTests {
    /// Found by asking the decoder about every id there could be, not by a list that could be as wrong as the code.
    private static var definedIDs: Set<MethodID> {
        var ids: Set<MethodID> = []
        for classID in UInt16(0)...120 {
            for methodID in UInt16(0)...140 {
                let id = MethodID(classID: classID, methodID: methodID)
                let payload = encoded { $0.append(id.rawValue) }
                if payload.decode(Method.init(decoding:)).failure != .unknownMethod(id) { ids.insert(id) }
            }
        }
        return ids
    }

    @Test func everyMethodComesBackAsItWas() {
        var random = SeededGenerator()
        for _ in 0..<20 {
            for method in random.everyMethod() {
                let payload = encoded { method.encode(into: &$0) }
                #expect(payload.decode(Method.init(decoding:)) == .success(method))
            }
        }
    }

    @Test func theRoundTripLeavesOutNoMethod() {
        var random = SeededGenerator()
        let tested = random.everyMethod().map(\.id)
        #expect(tested.count == 66)
        #expect(Set(tested) == Self.definedIDs)
    }

    @Test func everyTruncationIsNoticed() {
        var random = SeededGenerator()
        for method in random.everyMethod() {
            let payload = encoded { method.encode(into: &$0) }
            for length in 0..<payload.count {
                let verdict = Array(payload[..<length]).decode(Method.init(decoding:))
                #expect(verdict == .failure(.truncated), "\(method) cut to \(length) bytes")
            }
        }
    }

    @Test func bytesBehindTheArgumentsAreRefused() {
        var random = SeededGenerator()
        for method in random.everyMethod() {
            let payload = encoded { method.encode(into: &$0) } + [0]
            #expect(payload.decode(Method.init(decoding:)) == .failure(.trailingBytes), "\(method)")
        }
    }

    @Test func unknownMethodsAreNamed() {
        let id = MethodID(classID: 60, methodID: 99)
        #expect([UInt8](hex: "003C0063").decode(Method.init(decoding:)) == .failure(.unknownMethod(id)))
        #expect([UInt8](hex: "00630001").decode(Method.init(decoding:)).failure?.isUnknownMethod == true)
    }

    @Test func namesHaveToBeText() {
        // queue.delete of a queue whose name is the lone byte 0xFF.
        let payload = [UInt8](hex: "0032 0028 0000 01FF 00")
        #expect(payload.decode(Method.init(decoding:)) == .failure(.invalidUTF8))
    }

    @Test func namesOfMethods() {
        #expect("\(MethodID.queueDeclare)" == "queue.declare")
        #expect("\(MethodID.connectionUpdateSecretOk)" == "connection.update-secret-ok")
        #expect("\(MethodID(classID: 60, methodID: 99))" == "60.99")
        #expect("\(MethodID(classID: 61, methodID: 1))" == "61.1")
        for id in Self.definedIDs { #expect("\(id)".wholeMatch(of: /[a-z]+\.[a-z-]+/) != nil) }
    }

    @Test func contentFollowsFourMethods() {
        let carriers: Set<MethodID> = [.basicPublish, .basicReturn, .basicDeliver, .basicGetOk]
        #expect(Set(Self.definedIDs.filter(\.carriesContent)) == carriers)
    }

    @Test func closeNamesTheCause() {
        let exception = AMQPException.channel(.notFound, "no queue 'q' in vhost '/'")
        let close = ChannelClose(exception, cause: .queueDeclare)
        #expect(close.replyCode.rawValue == 404)
        #expect(close.replyText == "NOT_FOUND - no queue 'q' in vhost '/'")
        #expect(close.classID == 50 && close.methodID == 10)
        #expect(ConnectionClose(.connection(.frameError, "x")).classID == 0)
    }

    @Test func namesOfReplyCodes() {
        #expect(ReplyCode.preconditionFailed == ReplyCode(rawValue: 406))
        #expect(ReplyCode.preconditionFailed.name == "PRECONDITION_FAILED")
        #expect(ReplyCode(rawValue: 999).name == "999")
    }
}

extension WireError {
    fileprivate var isUnknownMethod: Bool {
        if case .unknownMethod = self { true } else { false }
    }
}
