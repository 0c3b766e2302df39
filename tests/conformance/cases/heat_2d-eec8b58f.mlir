module @jit_heat_2d attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<16x16xf32>, %arg1: tensor<f32>) -> (tensor<16x16xf32> {jax.result_info = "result[0]"}, tensor<25xf32> {jax.result_info = "result[1]"}) {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<25xf32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1:4 = stablehlo.while(%iterArg = %arg1, %iterArg_0 = %c, %iterArg_1 = %arg0, %iterArg_2 = %0) : tensor<f32>, tensor<i32>, tensor<16x16xf32>, tensor<25xf32>
    cond {
      %c_3 = stablehlo.constant dense<25> : tensor<i32>
      %2 = stablehlo.compare LT, %iterArg_0, %c_3, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %2 : tensor<i1>
    } do {
      %2 = func.call @_roll_static(%iterArg_1) : (tensor<16x16xf32>) -> tensor<16x16xf32>
      %3 = func.call @_roll_static_0(%iterArg_1) : (tensor<16x16xf32>) -> tensor<16x16xf32>
      %4 = stablehlo.add %2, %3 : tensor<16x16xf32>
      %5 = func.call @_roll_static_1(%iterArg_1) : (tensor<16x16xf32>) -> tensor<16x16xf32>
      %6 = stablehlo.add %4, %5 : tensor<16x16xf32>
      %7 = func.call @_roll_static_2(%iterArg_1) : (tensor<16x16xf32>) -> tensor<16x16xf32>
      %8 = stablehlo.add %6, %7 : tensor<16x16xf32>
      %cst_3 = stablehlo.constant dense<4.000000e+00> : tensor<f32>
      %9 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<16x16xf32>
      %10 = stablehlo.multiply %9, %iterArg_1 : tensor<16x16xf32>
      %11 = stablehlo.subtract %8, %10 : tensor<16x16xf32>
      %12 = stablehlo.broadcast_in_dim %iterArg, dims = [] : (tensor<f32>) -> tensor<16x16xf32>
      %13 = stablehlo.multiply %12, %11 : tensor<16x16xf32>
      %14 = stablehlo.add %iterArg_1, %13 : tensor<16x16xf32>
      %15 = stablehlo.multiply %iterArg_1, %iterArg_1 : tensor<16x16xf32>
      %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %16 = stablehlo.reduce(%15 init: %cst_4) applies stablehlo.add across dimensions = [0, 1] : (tensor<16x16xf32>, tensor<f32>) -> tensor<f32>
      %17 = func.call @dynamic_update_index_in_dim(%iterArg_2, %16, %iterArg_0) : (tensor<25xf32>, tensor<f32>, tensor<i32>) -> tensor<25xf32>
      %c_5 = stablehlo.constant dense<1> : tensor<i32>
      %18 = stablehlo.add %iterArg_0, %c_5 : tensor<i32>
      stablehlo.return %iterArg, %18, %14, %17 : tensor<f32>, tensor<i32>, tensor<16x16xf32>, tensor<25xf32>
    }
    return %1#2, %1#3 : tensor<16x16xf32>, tensor<25xf32>
  }
  func.func private @_roll_static(%arg0: tensor<16x16xf32>) -> tensor<16x16xf32> {
    %0 = stablehlo.slice %arg0 [15:16, 0:16] : (tensor<16x16xf32>) -> tensor<1x16xf32>
    %1 = stablehlo.slice %arg0 [0:15, 0:16] : (tensor<16x16xf32>) -> tensor<15x16xf32>
    %2 = stablehlo.concatenate %0, %1, dim = 0 : (tensor<1x16xf32>, tensor<15x16xf32>) -> tensor<16x16xf32>
    return %2 : tensor<16x16xf32>
  }
  func.func private @_roll_static_0(%arg0: tensor<16x16xf32>) -> tensor<16x16xf32> {
    %0 = stablehlo.slice %arg0 [1:16, 0:16] : (tensor<16x16xf32>) -> tensor<15x16xf32>
    %1 = stablehlo.slice %arg0 [0:1, 0:16] : (tensor<16x16xf32>) -> tensor<1x16xf32>
    %2 = stablehlo.concatenate %0, %1, dim = 0 : (tensor<15x16xf32>, tensor<1x16xf32>) -> tensor<16x16xf32>
    return %2 : tensor<16x16xf32>
  }
  func.func private @_roll_static_1(%arg0: tensor<16x16xf32>) -> tensor<16x16xf32> {
    %0 = stablehlo.slice %arg0 [0:16, 15:16] : (tensor<16x16xf32>) -> tensor<16x1xf32>
    %1 = stablehlo.slice %arg0 [0:16, 0:15] : (tensor<16x16xf32>) -> tensor<16x15xf32>
    %2 = stablehlo.concatenate %0, %1, dim = 1 : (tensor<16x1xf32>, tensor<16x15xf32>) -> tensor<16x16xf32>
    return %2 : tensor<16x16xf32>
  }
  func.func private @_roll_static_2(%arg0: tensor<16x16xf32>) -> tensor<16x16xf32> {
    %0 = stablehlo.slice %arg0 [0:16, 1:16] : (tensor<16x16xf32>) -> tensor<16x15xf32>
    %1 = stablehlo.slice %arg0 [0:16, 0:1] : (tensor<16x16xf32>) -> tensor<16x1xf32>
    %2 = stablehlo.concatenate %0, %1, dim = 1 : (tensor<16x15xf32>, tensor<16x1xf32>) -> tensor<16x16xf32>
    return %2 : tensor<16x16xf32>
  }
  func.func private @dynamic_update_index_in_dim(%arg0: tensor<25xf32>, %arg1: tensor<f32>, %arg2: tensor<i32>) -> tensor<25xf32> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f32>) -> tensor<1xf32>
    %1 = stablehlo.dynamic_update_slice %arg0, %0, %arg2 : (tensor<25xf32>, tensor<1xf32>, tensor<i32>) -> tensor<25xf32>
    return %1 : tensor<25xf32>
  }
}
