package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Decodes the files of a catalogued data set, and takes no other file for one of them. */
final class CataloguedFiles {
  private CataloguedFiles() {}

  /** Loads from a directory that is only ever read. */
  static DatasetSplits load(DatasetSource source, Path directory) throws IOException {
    Map<DatasetFile, Path> paths = new LinkedHashMap<>();
    for (DatasetFile file : source.files()) {
      paths.put(file, IdxQuartet.find(directory, file.rawName()));
    }
    return load(source, paths);
  }

  /** Loads from known paths. What is decoded is what is hashed: each file is read once. */
  static DatasetSplits load(DatasetSource source, Map<DatasetFile, Path> paths) throws IOException {
    IdxFile trainLabels = read(source, source.trainLabels(), paths);
    IdxFile testLabels = read(source, source.testLabels(), paths);
    IdxFile trainImages = read(source, source.trainImages(), paths);
    IdxFile testImages = read(source, source.testImages(), paths);
    IdxQuartet files =
        new IdxQuartet(trainImages, trainLabels, testImages, testLabels)
            .requireAgreement()
            .requireLabelsBelow(source.classNames().size());
    return files.splits(
        source.classNames(),
        new Provenance(source.id(), source.title(), source.licence(), "", files.provenance()),
        source.allowsHorizontalFlip());
  }

  private static IdxFile read(DatasetSource source, DatasetFile file, Map<DatasetFile, Path> paths)
      throws IOException {
    Path path = paths.get(file);
    boolean images = file.equals(source.trainImages()) || file.equals(source.testImages());
    IdxFile decoded =
        images
            ? IdxReader.readImages(path, file.rawSizeInBytes())
            : IdxReader.readLabels(path, file.rawSizeInBytes());
    if (!decoded.rawSha256().equals(file.rawSha256())) {
      throw ChecksumException.of(
          source,
          file,
          path,
          decoded.sizeInBytes(),
          decoded.sha256(),
          Optional.of(decoded.rawSha256()),
          "Put the publisher's file there, or give the directory as --dataset to use it as it is.");
    }
    return decoded;
  }
}
