/**
 * Downloads, verifies, decodes and batches Fashion-MNIST, MNIST and other IDX files.
 *
 * <p>Start with {@link io.github.lenet.data.FashionMnist#load(io.github.lenet.data.DatasetCache)}:
 *
 * <pre>{@code
 * DatasetCache cache =
 *     new DatasetCache(DatasetCache.defaultDirectory(), false, DownloadListener.NONE);
 * DatasetSplits splits = FashionMnist.load(cache);
 * for (ImageBatch batch : splits.train().shuffledBatches(256, 1)) {
 *   try (batch) {
 *     // batch.images(): uint8 [b, 28, 28]; batch.labels(): uint8 [b]
 *   }
 * }
 * }</pre>
 *
 * <p>A {@link io.github.lenet.data.DatasetSource} lists the files of a data set, their mirrors and
 * their hashes. A {@link io.github.lenet.data.DatasetCache} turns them into verified local files.
 * The IDX reader decodes them into an {@link io.github.lenet.data.ImageDataset}, which returns
 * {@link io.github.lenet.data.ImageBatch batches} as tensors.
 *
 * <p>Pixels stay uint8, 0 (background) to 255, until a model scales them. This package must not
 * know the model: it scales no pixels, encodes no labels, and does not assume images of 28 by 28
 * pixels.
 *
 * <p>Nothing is printed. Events such as a failed mirror or a corrupt file in the cache go to a
 * {@link java.lang.System.Logger} named after this package.
 */
package io.github.lenet.data;
