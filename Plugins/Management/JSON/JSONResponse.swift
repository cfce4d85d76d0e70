import HTTPTypes
import Hummingbird
import LosslessJSON
import NIOCore

/// An answer of any JSON.
struct JSONResponse: ResponseGenerator {
    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.utf8)))
    }
}
