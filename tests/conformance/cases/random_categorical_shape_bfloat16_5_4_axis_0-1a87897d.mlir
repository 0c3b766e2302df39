module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<5x4xbf16>) -> (tensor<4xi64> {jax.result_info = "result"}) {
    %c = stablehlo.constant dense<1337> : tensor<i64>
    %c_0 = stablehlo.constant dense<32> : tensor<i64>
    %0 = stablehlo.shift_right_logical %c, %c_0 : tensor<i64>
    %1 = stablehlo.convert %0 : (tensor<i64>) -> tensor<ui32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<ui32>) -> tensor<1xui32>
    %c_1 = stablehlo.constant dense<4294967295> : tensor<i64>
    %3 = stablehlo.and %c, %c_1 : tensor<i64>
    %4 = stablehlo.convert %3 : (tensor<i64>) -> tensor<ui32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<ui32>) -> tensor<1xui32>
    %6 = stablehlo.concatenate %2, %5, dim = 0 : (tensor<1xui32>, tensor<1xui32>) -> tensor<2xui32>
    %7 = call @_gumbel(%6) : (tensor<2xui32>) -> tensor<5x4xbf16>
    %8 = stablehlo.add %7, %arg0 : tensor<5x4xbf16>
    %9 = call @argmax(%8) : (tensor<5x4xbf16>) -> tensor<4xi64>
    return %9 : tensor<4xi64>
  }
  func.func private @_gumbel(%arg0: tensor<2xui32>) -> tensor<5x4xbf16> {
    %cst = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %cst_0 = stablehlo.constant dense<1.175490e-38> : tensor<bf16>
    %0 = call @_uniform(%arg0, %cst, %cst_0) : (tensor<2xui32>, tensor<f64>, tensor<bf16>) -> tensor<5x4xbf16>
    %1 = stablehlo.log %0 : tensor<5x4xbf16>
    %2 = stablehlo.negate %1 : tensor<5x4xbf16>
    %3 = stablehlo.log %2 : tensor<5x4xbf16>
    %4 = stablehlo.negate %3 : tensor<5x4xbf16>
    return %4 : tensor<5x4xbf16>
  }
  func.func private @_uniform(%arg0: tensor<2xui32>, %arg1: tensor<f64>, %arg2: tensor<bf16>) -> tensor<5x4xbf16> {
    %0 = stablehlo.convert %arg1 : (tensor<f64>) -> tensor<bf16>
    %1 = stablehlo.broadcast_in_dim %arg2, dims = [] : (tensor<bf16>) -> tensor<1x1xbf16>
    %2 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<bf16>) -> tensor<1x1xbf16>
    %3 = stablehlo.slice %arg0 [0:1] : (tensor<2xui32>) -> tensor<1xui32>
    %4 = stablehlo.reshape %3 : (tensor<1xui32>) -> tensor<ui32>
    %5 = stablehlo.slice %arg0 [1:2] : (tensor<2xui32>) -> tensor<1xui32>
    %6 = stablehlo.reshape %5 : (tensor<1xui32>) -> tensor<ui32>
    %7 = stablehlo.iota dim = 0 : tensor<5x4xui64>
    %8 = stablehlo.iota dim = 1 : tensor<5x4xui64>
    %c = stablehlo.constant dense<4> : tensor<ui64>
    %9 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<ui64>) -> tensor<5x4xui64>
    %10 = stablehlo.multiply %9, %7 : tensor<5x4xui64>
    %c_0 = stablehlo.constant dense<1> : tensor<ui64>
    %11 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<ui64>) -> tensor<5x4xui64>
    %12 = stablehlo.multiply %11, %8 : tensor<5x4xui64>
    %13 = stablehlo.add %10, %12 : tensor<5x4xui64>
    %c_1 = stablehlo.constant dense<32> : tensor<ui64>
    %14 = stablehlo.broadcast_in_dim %c_1, dims = [] : (tensor<ui64>) -> tensor<5x4xui64>
    %15 = stablehlo.shift_right_logical %13, %14 : tensor<5x4xui64>
    %16 = stablehlo.convert %13 : (tensor<5x4xui64>) -> tensor<5x4xui32>
    %17 = stablehlo.convert %15 : (tensor<5x4xui64>) -> tensor<5x4xui32>
    %18:2 = call @threefry2x32(%4, %6, %17, %16) : (tensor<ui32>, tensor<ui32>, tensor<5x4xui32>, tensor<5x4xui32>) -> (tensor<5x4xui32>, tensor<5x4xui32>)
    %19 = stablehlo.xor %18#0, %18#1 : tensor<5x4xui32>
    %20 = stablehlo.convert %19 : (tensor<5x4xui32>) -> tensor<5x4xui8>
    %21 = stablehlo.convert %20 : (tensor<5x4xui8>) -> tensor<5x4xui16>
    %c_2 = stablehlo.constant dense<1> : tensor<ui16>
    %22 = stablehlo.broadcast_in_dim %c_2, dims = [] : (tensor<ui16>) -> tensor<5x4xui16>
    %23 = stablehlo.shift_right_logical %21, %22 : tensor<5x4xui16>
    %c_3 = stablehlo.constant dense<16256> : tensor<ui16>
    %24 = stablehlo.broadcast_in_dim %c_3, dims = [] : (tensor<ui16>) -> tensor<5x4xui16>
    %25 = stablehlo.or %23, %24 : tensor<5x4xui16>
    %26 = stablehlo.bitcast_convert %25 : (tensor<5x4xui16>) -> tensor<5x4xbf16>
    %cst = stablehlo.constant dense<1.000000e+00> : tensor<bf16>
    %27 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<bf16>) -> tensor<5x4xbf16>
    %28 = stablehlo.subtract %26, %27 : tensor<5x4xbf16>
    %29 = stablehlo.subtract %2, %1 : tensor<1x1xbf16>
    %30 = stablehlo.broadcast_in_dim %29, dims = [0, 1] : (tensor<1x1xbf16>) -> tensor<5x4xbf16>
    %31 = stablehlo.multiply %28, %30 : tensor<5x4xbf16>
    %32 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x1xbf16>) -> tensor<5x4xbf16>
    %33 = stablehlo.add %31, %32 : tensor<5x4xbf16>
    %34 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x1xbf16>) -> tensor<5x4xbf16>
    %35 = stablehlo.maximum %34, %33 : tensor<5x4xbf16>
    return %35 : tensor<5x4xbf16>
  }
  func.func private @threefry2x32(%arg0: tensor<ui32>, %arg1: tensor<ui32>, %arg2: tensor<5x4xui32>, %arg3: tensor<5x4xui32>) -> (tensor<5x4xui32>, tensor<5x4xui32>) {
    %c = stablehlo.constant dense<[13, 15, 26, 6]> : tensor<4xui32>
    %c_0 = stablehlo.constant dense<[17, 29, 16, 24]> : tensor<4xui32>
    %0 = stablehlo.xor %arg0, %arg1 : tensor<ui32>
    %c_1 = stablehlo.constant dense<466688986> : tensor<ui32>
    %1 = stablehlo.xor %0, %c_1 : tensor<ui32>
    %2 = stablehlo.broadcast_in_dim %arg0, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
    %3 = stablehlo.add %arg2, %2 : tensor<5x4xui32>
    %4 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
    %5 = stablehlo.add %arg3, %4 : tensor<5x4xui32>
    %c_2 = stablehlo.constant dense<0> : tensor<i64>
    %c_3 = stablehlo.constant dense<0> : tensor<i64>
    %6:9 = stablehlo.while(%iterArg = %c_3, %iterArg_4 = %c_2, %iterArg_5 = %3, %iterArg_6 = %5, %iterArg_7 = %arg1, %iterArg_8 = %1, %iterArg_9 = %arg0, %iterArg_10 = %c, %iterArg_11 = %c_0) : tensor<i64>, tensor<i64>, tensor<5x4xui32>, tensor<5x4xui32>, tensor<ui32>, tensor<ui32>, tensor<ui32>, tensor<4xui32>, tensor<4xui32>
    cond {
      %c_12 = stablehlo.constant dense<5> : tensor<i64>
      %7 = stablehlo.compare LT, %iterArg, %c_12, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %7 : tensor<i1>
    } do {
      %c_12 = stablehlo.constant dense<1> : tensor<i64>
      %7 = stablehlo.add %iterArg_4, %c_12 : tensor<i64>
      %8 = stablehlo.slice %iterArg_10 [0:1] : (tensor<4xui32>) -> tensor<1xui32>
      %9 = stablehlo.reshape %8 : (tensor<1xui32>) -> tensor<ui32>
      %10 = stablehlo.slice %iterArg_10 [1:2] : (tensor<4xui32>) -> tensor<1xui32>
      %11 = stablehlo.reshape %10 : (tensor<1xui32>) -> tensor<ui32>
      %12 = stablehlo.slice %iterArg_10 [2:3] : (tensor<4xui32>) -> tensor<1xui32>
      %13 = stablehlo.reshape %12 : (tensor<1xui32>) -> tensor<ui32>
      %14 = stablehlo.slice %iterArg_10 [3:4] : (tensor<4xui32>) -> tensor<1xui32>
      %15 = stablehlo.reshape %14 : (tensor<1xui32>) -> tensor<ui32>
      %16 = stablehlo.add %iterArg_5, %iterArg_6 : tensor<5x4xui32>
      %17 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %18 = stablehlo.shift_left %iterArg_6, %17 : tensor<5x4xui32>
      %c_13 = stablehlo.constant dense<32> : tensor<ui32>
      %19 = stablehlo.subtract %c_13, %9 : tensor<ui32>
      %20 = stablehlo.broadcast_in_dim %19, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %21 = stablehlo.shift_right_logical %iterArg_6, %20 : tensor<5x4xui32>
      %22 = stablehlo.or %18, %21 : tensor<5x4xui32>
      %23 = stablehlo.xor %16, %22 : tensor<5x4xui32>
      %24 = stablehlo.add %16, %23 : tensor<5x4xui32>
      %25 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %26 = stablehlo.shift_left %23, %25 : tensor<5x4xui32>
      %c_14 = stablehlo.constant dense<32> : tensor<ui32>
      %27 = stablehlo.subtract %c_14, %11 : tensor<ui32>
      %28 = stablehlo.broadcast_in_dim %27, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %29 = stablehlo.shift_right_logical %23, %28 : tensor<5x4xui32>
      %30 = stablehlo.or %26, %29 : tensor<5x4xui32>
      %31 = stablehlo.xor %24, %30 : tensor<5x4xui32>
      %32 = stablehlo.add %24, %31 : tensor<5x4xui32>
      %33 = stablehlo.broadcast_in_dim %13, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %34 = stablehlo.shift_left %31, %33 : tensor<5x4xui32>
      %c_15 = stablehlo.constant dense<32> : tensor<ui32>
      %35 = stablehlo.subtract %c_15, %13 : tensor<ui32>
      %36 = stablehlo.broadcast_in_dim %35, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %37 = stablehlo.shift_right_logical %31, %36 : tensor<5x4xui32>
      %38 = stablehlo.or %34, %37 : tensor<5x4xui32>
      %39 = stablehlo.xor %32, %38 : tensor<5x4xui32>
      %40 = stablehlo.add %32, %39 : tensor<5x4xui32>
      %41 = stablehlo.broadcast_in_dim %15, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %42 = stablehlo.shift_left %39, %41 : tensor<5x4xui32>
      %c_16 = stablehlo.constant dense<32> : tensor<ui32>
      %43 = stablehlo.subtract %c_16, %15 : tensor<ui32>
      %44 = stablehlo.broadcast_in_dim %43, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %45 = stablehlo.shift_right_logical %39, %44 : tensor<5x4xui32>
      %46 = stablehlo.or %42, %45 : tensor<5x4xui32>
      %47 = stablehlo.xor %40, %46 : tensor<5x4xui32>
      %48 = stablehlo.broadcast_in_dim %iterArg_7, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %49 = stablehlo.add %40, %48 : tensor<5x4xui32>
      %50 = stablehlo.broadcast_in_dim %iterArg_8, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %51 = stablehlo.add %47, %50 : tensor<5x4xui32>
      %c_17 = stablehlo.constant dense<1> : tensor<i64>
      %52 = stablehlo.add %iterArg_4, %c_17 : tensor<i64>
      %53 = stablehlo.convert %52 : (tensor<i64>) -> tensor<ui32>
      %54 = stablehlo.broadcast_in_dim %53, dims = [] : (tensor<ui32>) -> tensor<5x4xui32>
      %55 = stablehlo.add %51, %54 : tensor<5x4xui32>
      %c_18 = stablehlo.constant dense<1> : tensor<i64>
      %56 = stablehlo.add %iterArg, %c_18 : tensor<i64>
      stablehlo.return %56, %7, %49, %55, %iterArg_8, %iterArg_9, %iterArg_7, %iterArg_11, %iterArg_10 : tensor<i64>, tensor<i64>, tensor<5x4xui32>, tensor<5x4xui32>, tensor<ui32>, tensor<ui32>, tensor<ui32>, tensor<4xui32>, tensor<4xui32>
    }
    return %6#2, %6#3 : tensor<5x4xui32>, tensor<5x4xui32>
  }
  func.func private @argmax(%arg0: tensor<5x4xbf16>) -> tensor<4xi64> {
    %0 = stablehlo.iota dim = 0 : tensor<5x4xi64>
    %cst = stablehlo.constant dense<0xFF80> : tensor<bf16>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %1:2 = stablehlo.reduce(%arg0 init: %cst), (%0 init: %c) across dimensions = [0] : (tensor<5x4xbf16>, tensor<5x4xi64>, tensor<bf16>, tensor<i64>) -> (tensor<4xbf16>, tensor<4xi64>)
     reducer(%arg1: tensor<bf16>, %arg3: tensor<bf16>) (%arg2: tensor<i64>, %arg4: tensor<i64>)  {
      %2 = stablehlo.compare GT, %arg1, %arg3, FLOAT : (tensor<bf16>, tensor<bf16>) -> tensor<i1>
      %3 = stablehlo.compare NE, %arg1, %arg1, FLOAT : (tensor<bf16>, tensor<bf16>) -> tensor<i1>
      %4 = stablehlo.or %2, %3 : tensor<i1>
      %5 = stablehlo.compare EQ, %arg1, %arg3, FLOAT : (tensor<bf16>, tensor<bf16>) -> tensor<i1>
      %6 = stablehlo.compare LT, %arg2, %arg4, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      %7 = stablehlo.and %5, %6 : tensor<i1>
      %8 = stablehlo.or %4, %7 : tensor<i1>
      %9 = stablehlo.select %4, %arg1, %arg3 : tensor<i1>, tensor<bf16>
      %10 = stablehlo.select %8, %arg2, %arg4 : tensor<i1>, tensor<i64>
      stablehlo.return %9, %10 : tensor<bf16>, tensor<i64>
    }
    return %1#1 : tensor<4xi64>
  }
}
