// Checkpoints, from the log's side: the owner settles what stands in one, the log keeps the file.

extension SegmentLog {
    /// The segments and what refers into them, for `prepareSegments` to read.
    public func encodeSegments(into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(segments.count))
        for number in segments.numbers {
            guard let segment = segments[number] else { continue }
            SegmentCounts.encode(segment.pointee, pageCount: pagesPerSegment, into: &encoder)
        }
    }

    /// Puts a checkpoint in the place of the one that is there. `position` must be what `tail` was when its content was
    /// settled, and be durable really (`forceSync`).
    ///
    /// - Parameter then: called by `DiskJobs.poll` with what went wrong, if anything did: the old one is then still there.
    public func writeCheckpoint(_ content: Checkpoint, then: @escaping (StorageError?) -> Void) {
        precondition(forcedDurableEnd >= content.position.rawValue, "a checkpoint must not be ahead of the log")
        let file = CheckpointFile.Content(position: content.position, bytes: content.bytes)
        cache.jobs.start(
            .write,
            { [directory, disk, salt = geometry.salt] in
                DiskJobs.Outcome { () throws(StorageError) in
                    try CheckpointFile.write(file, directory: directory, salt: salt, disk: disk)
                    return DiskJobs.Value()
                }
            },
            then: { outcome in
                if case .failure(let error) = outcome { then(error) } else { then(nil) }
            })
    }
}
