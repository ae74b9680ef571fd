/**
 * LeNet-5 as TensorFlow Java operations, and as a classifier of images.
 *
 * <p>To classify images, start at {@link io.github.lenet.model.LeNetClassifier}: it loads a saved
 * model or the pretrained model of this library. {@link io.github.lenet.model.ImageFiles} reads
 * images, and {@link io.github.lenet.model.ImagePreprocessor} converts them.
 *
 * <p>To build the network into your own graph, start at {@link
 * io.github.lenet.model.LeNetConfig#classic()}, which describes the layers, and {@link
 * io.github.lenet.model.LeNet}, which builds them into a caller's {@link org.tensorflow.op.Ops}.
 * Layers have the same names in code, graph, tables and documentation: {@code conv1 pool1 conv2
 * pool2 dense1 dense2 logits}.
 *
 * <p>TensorFlow Java builds no graph while the JVM's default locale has digits of its own, as for
 * Arabic and Persian. While this library builds, saves or loads one in such a JVM, it sets the
 * default locale for formatting to {@link java.util.Locale#ROOT} and then puts it back.
 *
 * <p>This package must not know data sets or training. It closes every graph and session that it
 * creates. No public method takes or returns null.
 */
package io.github.lenet.model;
