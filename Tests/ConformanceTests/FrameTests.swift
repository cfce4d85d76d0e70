import AMQPProtocol
import Testing

extension Conformance {
    /// Frames that are none. What is wrong is told by connection.close; RabbitMQ's texts print Erlang terms, so that
    /// only the codes are compared.
    @Suite struct Frames {
        @Test("a frame that does not end in 0xCE is 501", arguments: [1, 2, 3, 8] as [UInt8])
        func wrongEnd(type: UInt8) async throws {
            let client = try await WireClient.open()
            try await client.sendFrame(type, on: 0, [0, 20, 0, 10], end: 0xCD)
            try await client.expectFrameError(.frameError)
        }

        @Test("an unknown frame type is 501", arguments: [0, 4, 5, 6, 7, 9, 255] as [UInt8])
        func unknownType(type: UInt8) async throws {
            let client = try await WireClient.open()
            try await client.sendFrame(type, on: 0)
            try await client.expectFrameError(.frameError)
        }

        @Test("a frame larger than frame-max is 501 as soon as its header is there")
        func tooLarge() async throws {
            let client = try await WireClient.open()
            try await client.send([1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
            try await client.expectFrameError(.frameError)
        }

        @Test("a method frame without a method is 501", arguments: [0, 1] as [UInt16])
        func emptyMethod(channel: UInt16) async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.sendFrame(1, on: channel)
            try await client.expectFrameError(.frameError)
        }

        @Test("a method frame that ends within the ids is 501")
        func halfAMethod() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.sendFrame(1, on: 1, [0, 50, 0])
            try await client.expectFrameError(.frameError)
        }

        @Test("a heartbeat with a payload is 501")
        func heartbeatWithPayload() async throws {
            let client = try await WireClient.open()
            try await client.sendFrame(8, on: 0, [1])
            try await client.expectFrameError(.frameError)
        }

        @Test("arguments cut short are 501")
        func argumentsCutShort() async throws {
            let whole = frames { $0.appendMethodFrame(channel: 1, QueueDeclare(queue: "name")) }
            let payload = whole.dropFirst(Frame.headerSize).dropLast()
            for count in 4..<payload.count {
                let client = try await WireClient.open()
                _ = try await client.openChannel()
                try await client.sendFrame(1, on: 1, Array(payload.prefix(count)))
                try await client.expectFrameError(.frameError)
            }
        }

        @Test("a table that says it is longer than its frame is 501")
        func tableLongerThanItsFrame() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            // queue.declare of "q" without flags, its arguments 255 bytes long by their own account.
            try await client.sendFrame(1, on: 1, [0, 50, 0, 10, 0, 0, 1, 0x71, 0, 0, 0, 0, 255, 1, 0x61, 0x74, 1])
            try await client.expectFrameError(.frameError)
        }

        @Test("a table with a type that does not exist is 501", .harrierOnly("RabbitMQ hangs up without a word"))
        func unknownFieldType() async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.sendFrame(1, on: 1, [0, 50, 0, 10, 0, 0, 1, 0x71, 0, 0, 0, 0, 4, 1, 0x61, 0x7A, 1])
            try await client.expectFrameError(.frameError)
        }

        @Test("after a frame error nothing that follows is carried out")
        func nothingAfterAFrameError() async throws {
            let name = unique("queue")
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            let declare = frames { $0.appendMethodFrame(channel: 1, QueueDeclare(queue: name)) }
            try await client.send(frameBytes(9) + declare + declare)
            try await client.expectFrameError(.frameError)
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                QueueDeclare(queue: name, passive: true), .notFound,
                "NOT_FOUND - no queue '\(name)' in vhost '\(channel.virtualHost)'")
        }

        @Test("after a frame error the rest of a large frame is thrown away, and the socket closed")
        func flood() async throws {
            let client = try await WireClient.open()
            try await client.send([9] + [UInt8](repeating: 0xCE, count: 300_000))
            try await client.expectFrameError(.frameError)
        }

        @Test(
            "an unknown class or method is 503", .harrierOnly("RabbitMQ hangs up without a word"),
            arguments: [
                [0, 99, 0, 10], [0, 50, 0, 99], [0, 60, 0, 0], [255, 255, 255, 255],
            ] as [[UInt8]])
        func unknownMethod(payload: [UInt8]) async throws {
            let client = try await WireClient.open()
            _ = try await client.openChannel()
            try await client.sendFrame(1, on: 1, payload)
            let close = try await client.next(ConnectionClose.self)
            #expect(close.replyCode == .commandInvalid)
            #expect(close.replyText == "COMMAND_INVALID - unimplemented method")
        }

        @Test("a heartbeat at any time is fine")
        func heartbeat() async throws {
            let client = try await WireClient.open()
            for _ in 0..<3 { try await client.sendHeartbeat() }
            try await client.expectAlive()
        }
    }
}

extension WireClient {
    /// connection.close with this code. Bytes that follow a frame error mean nothing, so the close-ok may go unseen:
    /// the server closes the socket in either case.
    func expectFrameError(_ code: ReplyCode, at location: SourceLocation = #_sourceLocation) async throws {
        let close = try await next(ConnectionClose.self, at: location)
        #expect(close.replyCode == code, "\(close.replyText)", sourceLocation: location)
        #expect(close.replyText.hasPrefix("\(code.name) - "), "\(close.replyText)", sourceLocation: location)
        try await send(ConnectionCloseOk())
        try await expectEnd(at: location)
    }
}
