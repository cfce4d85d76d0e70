import Foundation
import Testing

@testable import harrier

struct DeliveryJSONTests {
    @Test func textIsEscaped() throws {
        let text = "\"\\/\n\r\t\u{0}\u{1f}\u{7f} é 𝄞"
        var json = JSONWriter()
        json.array { $0.string(text) }
        #expect(try JSONDecoder().decode([String].self, from: Data(json.text.utf8)) == [text])
    }

    @Test func commasStandBetweenAndNowhereElse() {
        var json = JSONWriter()
        json.object { json in
            json.name("a")
            json.array { _ in }
            json.name("b")
            json.array { json in
                json.integer(1)
                json.object { _ in }
                json.null()
                json.number(.infinity)
                json.boolean(false)
            }
        }
        #expect(json.text == #"{"a":[],"b":[1,{},null,null,false]}"#)
    }

    @Test(arguments: 0..<20)
    func base64IsThatOfEverybodyElse(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 83 + count) }
        #expect(DeliveryJSON.base64(bytes) == Data(bytes).base64EncodedString(), "\(bytes)")
    }
}
