import NIOCore

/// A socket that lives on the core's loop: its handler, called directly.
final class CoreSocket: ClientSocket {
    private let handler: SocketHandler
    private let core: CoreLoop

    init(_ handler: SocketHandler, core: CoreLoop) {
        self.handler = handler
        self.core = core
    }

    var isWritable: Bool { handler.isWritable }
    func send(_ bytes: UnsafeRawBufferPointer) { handler.send(core.outputBuffer(holding: bytes)) }
    func setReading(_ isReading: Bool) { handler.setReading(isReading) }
    func closeOutput() { handler.closeOutput() }
    func closeWhenSent() { handler.closeWhenSent() }
    func cutOff() { handler.cutOff() }
}
