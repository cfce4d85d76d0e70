#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    /// The pages of the program's code that only its start needed.
    ///
    /// The kernel maps code in helpings of many pages around each that is touched, and linking and starting touch code all
    /// over: most of an idle broker's resident memory would be code that never runs again. Unmapping it costs nothing: what
    /// does run again comes back from the page cache, without the disk.
    enum StartUpPages {
        /// Gives them back. For once, when the broker is ready.
        static func release() {
            guard let maps = fopen("/proc/self/maps", "r") else { return }
            defer { fclose(maps) }
            var line = [CChar](repeating: 0, count: 4096 + 128)
            while fgets(&line, Int32(line.count), maps) != nil {
                guard
                    let range = codeRange(of: String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
                else { continue }
                // Advice: whether it is taken matters to nobody.
                _ = madvise(
                    UnsafeMutableRawPointer(bitPattern: range.lowerBound), Int(range.count), MADV_DONTNEED)
            }
        }

        /// The addresses of a mapping of a file's code, which nobody writes to, so that its pages can be had again from
        /// the file. `nil` for any other mapping.
        static func codeRange(of mapping: String) -> Range<UInt>? {
            let fields = mapping.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/") else {
                return nil
            }
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1] else { return nil }
            return ends[0]..<ends[1]
        }
    }
#else
    /// Only Linux maps code so generously.
    enum StartUpPages {
        static func release() {}
    }
#endif
