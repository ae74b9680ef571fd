/** Loads TensorFlow's native library, and CUDA's libraries that it needs for a GPU. */
package io.github.lenet.training.internal.runtime;
