"""Keras layers for what Keras has none for. Exported scripts print them as they are.

This module is read as text and never imported: CNNviz itself does not need Keras. Maps are
(batch, height, width, channels), and a border is ((top, bottom), (left, right)).
"""

import numpy as np
from keras import initializers, layers, ops


class ConstantPadding2D(layers.Layer):
    """Puts rows and columns of one value around the maps."""

    def __init__(self, padding, value, **settings):
        super().__init__(**settings)
        self.padding, self.value = padding, value

    def call(self, x):
        return ops.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=self.value)


class Every2D(layers.Layer):
    """Keeps every so many rows and columns: a stride, where Keras allows none beside a dilation."""

    def __init__(self, strides, **settings):
        super().__init__(**settings)
        self.strides = strides

    def call(self, x):
        return x[:, :: self.strides[0], :: self.strides[1]]


class ConnectedConv2D(layers.Layer):
    """A convolution in which each filter sees only some of the input maps, as C3 of LeNet-5.

    connections names the input maps of each filter; only their kernels exist.
    """

    def __init__(
        self,
        connections,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        **settings,
    ):
        super().__init__(**settings)
        self.connections, self.kernel_size, self.strides = connections, kernel_size, strides
        self.padding, self.dilation_rate, self.use_bias = padding, dilation_rate, use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, shape):
        filters = len(self.connections)
        places = [(c, f) for f, maps in enumerate(self.connections) for c in maps]
        self.onto = np.zeros((len(places), shape[-1], filters), "float32")
        for index, place in enumerate(places):
            self.onto[(index, *place)] = 1
        height, width = self.kernel_size
        self.kernel = self.add_weight(
            shape=(height, width, len(places)), initializer=self.kernel_initializer, name="kernel"
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(filters,), initializer="zeros", name="bias")

    def call(self, x):
        kernel = ops.tensordot(self.kernel, self.onto, 1)  # (height, width, channels, filters)
        y = ops.conv(x, kernel, self.strides, self.padding, "channels_last", self.dilation_rate)
        return y + self.bias if self.use_bias else y


class GroupedConv2DTranspose(layers.Layer):
    """A transposed convolution in groups that do not see each other, or with a dilation."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        dilation_rate=1,
        groups=1,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        **settings,
    ):
        super().__init__(**settings)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.dilation_rate, self.groups, self.use_bias = dilation_rate, groups, use_bias

    def build(self, shape):
        rates = np.broadcast_to(self.dilation_rate, 2)
        self.spread = []  # (rows that the stamp reaches over, rows of the kernel), and columns
        for size, rate in zip(self.kernel_size, rates, strict=True):
            spread = np.zeros((rate * (size - 1) + 1, size), "float32")
            spread[::rate] = np.eye(size)
            self.spread.append(spread)
        self.kernel = self.add_weight(
            shape=(*self.kernel_size, self.filters // self.groups, shape[-1]),
            initializer=self.kernel_initializer,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x):
        kernel = ops.einsum("ih,hwoc,jw->ijoc", self.spread[0], self.kernel, self.spread[1])
        maps, stamps = ops.split(x, self.groups, -1), ops.split(kernel, self.groups, -1)
        parts = [
            ops.conv_transpose(some, stamp, self.strides, "valid")
            for some, stamp in zip(maps, stamps, strict=True)
        ]
        y = ops.concatenate(parts, -1)
        return y + self.bias if self.use_bias else y


class LocallyConnected2D(layers.Layer):
    """Filters of its own for every position."""

    def __init__(
        self, filters, kernel_size, strides=1, use_bias=True, kernel_initializer=None, **settings
    ):
        super().__init__(**settings)
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.use_bias = strides, use_bias
        self.kernel_initializer = kernel_initializer

    def build(self, shape):
        steps = np.broadcast_to(self.strides, 2)
        sizes = zip(shape[1:3], self.kernel_size, steps, strict=True)
        positions = [(size - kernel) // step + 1 for size, kernel, step in sizes]
        seen = self.kernel_size[0] * self.kernel_size[1] * shape[-1]
        bound = seen**-0.5
        self.kernel = self.add_weight(
            shape=(*positions, seen, self.filters),
            initializer=self.kernel_initializer or initializers.RandomUniform(-bound, bound),
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(*positions, self.filters), initializer="zeros", name="bias"
            )

    def call(self, x):
        patches = ops.image.extract_patches(x, self.kernel_size, self.strides, padding="valid")
        y = ops.einsum("bhwk,hwkf->bhwf", patches, self.kernel)
        return y + self.bias if self.use_bias else y


class Subsampling2D(layers.Layer):
    """The sum of each window, times a coefficient, plus a bias, one pair a map (LeCun, 1998)."""

    def __init__(self, pool_size, strides, **settings):
        super().__init__(**settings)
        self.pool_size, self.strides = pool_size, strides

    def build(self, shape):
        self.area = self.pool_size[0] * self.pool_size[1]
        start = initializers.Constant(1 / self.area)
        self.coefficient = self.add_weight(shape=shape[-1:], initializer=start, name="coefficient")
        self.bias = self.add_weight(shape=shape[-1:], initializer="zeros", name="bias")

    def call(self, x):
        sums = ops.average_pool(x, self.pool_size, self.strides, "valid") * self.area
        return sums * self.coefficient + self.bias


class BorderAveragePooling2D(layers.Layer):
    """Averages windows that reach over the end: `zeros` around the maps count, `border` not."""

    def __init__(self, pool_size, strides, zeros, border, **settings):
        super().__init__(**settings)
        self.pool_size, self.strides = pool_size, strides
        self.zeros, self.border = zeros, border

    def call(self, x):
        x = ops.pad(x, ((0, 0), *self.zeros, (0, 0)))
        inside = ops.ones((1, *x.shape[1:3], 1))
        sums, shares = (
            ops.average_pool(
                ops.pad(values, ((0, 0), *self.border, (0, 0))),
                self.pool_size,
                self.strides,
                "valid",
            )
            for values in (x, inside)
        )
        return sums / shares


class AdaptiveAveragePooling2D(layers.Layer):
    """Averages as many windows as lead to a given size; window i of m over n values covers
    i·n/m rounded down to (i + 1)·n/m rounded up."""

    def __init__(self, output_size, **settings):
        super().__init__(**settings)
        self.output_size = output_size

    def build(self, shape):
        self.shares = []  # (rows that come out, rows that come in), and columns
        for size, count in zip(shape[1:3], self.output_size, strict=True):
            share = np.zeros((count, size), "float32")
            for i in range(count):
                first, end = i * size // count, -(-(i + 1) * size // count)
                share[i, first:end] = 1 / (end - first)
            self.shares.append(share)

    def call(self, x):
        return ops.einsum("ih,bhwc,jw->bijc", self.shares[0], x, self.shares[1])


class LocalResponseNormalization(layers.Layer):
    """Divides each value by the strength of neighbouring maps at its place (AlexNet, 2012)."""

    def __init__(self, size, alpha, beta, k, **settings):
        super().__init__(**settings)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def build(self, shape):
        channel = np.arange(shape[-1])
        ahead = (
            channel[:, None] - channel
        )  # how far a neighbour is after the map that it counts for
        near = (-(self.size // 2) <= ahead) & (ahead <= (self.size - 1) // 2)
        self.neighbours = (near / self.size).astype("float32")

    def call(self, x):
        return x / (self.k + self.alpha * ops.matmul(x * x, self.neighbours)) ** self.beta


class ScaledTanh(layers.Layer):
    """LeNet-5's squashing function, 1.7159 · tanh(2x / 3) (LeCun, 1998, appendix A)."""

    def call(self, x):
        return 1.7159 * ops.tanh(x * (2 / 3))
