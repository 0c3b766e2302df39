module @jit_nbody_leapfrog attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<12x3xf32>, %arg1: tensor<12x3xf32>, %arg2: tensor<12xf32>) -> (tensor<12x3xf32> {jax.result_info = "result[0]"}, tensor<12x3xf32> {jax.result_info = "result[1]"}) {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %c_0 = stablehlo.constant dense<0> : tensor<i32>
    %0:5 = stablehlo.while(%iterArg = %arg2, %iterArg_1 = %c_0, %iterArg_2 = %c, %iterArg_3 = %arg0, %iterArg_4 = %arg1) : tensor<12xf32>, tensor<i32>, tensor<i32>, tensor<12x3xf32>, tensor<12x3xf32>
    cond {
      %c_5 = stablehlo.constant dense<20> : tensor<i32>
      %1 = stablehlo.compare LT, %iterArg_1, %c_5, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %c_5 = stablehlo.constant dense<1> : tensor<i32>
      %1 = stablehlo.add %iterArg_2, %c_5 : tensor<i32>
      %2 = stablehlo.broadcast_in_dim %iterArg_3, dims = [1, 2] : (tensor<12x3xf32>) -> tensor<1x12x3xf32>
      %3 = stablehlo.broadcast_in_dim %iterArg_3, dims = [0, 2] : (tensor<12x3xf32>) -> tensor<12x1x3xf32>
      %4 = stablehlo.broadcast_in_dim %2, dims = [0, 1, 2] : (tensor<1x12x3xf32>) -> tensor<12x12x3xf32>
      %5 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 2] : (tensor<12x1x3xf32>) -> tensor<12x12x3xf32>
      %6 = stablehlo.subtract %4, %5 : tensor<12x12x3xf32>
      %7 = stablehlo.multiply %6, %6 : tensor<12x12x3xf32>
      %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %8 = stablehlo.reduce(%7 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<12x12x3xf32>, tensor<f32>) -> tensor<12x12xf32>
      %cst_6 = stablehlo.constant dense<0.00999999977> : tensor<f32>
      %9 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<12x12xf32>
      %10 = stablehlo.add %8, %9 : tensor<12x12xf32>
      %11 = stablehlo.rsqrt %10 : tensor<12x12xf32>
      %12 = stablehlo.broadcast_in_dim %iterArg, dims = [1] : (tensor<12xf32>) -> tensor<1x12x1xf32>
      %13 = stablehlo.broadcast_in_dim %12, dims = [0, 1, 2] : (tensor<1x12x1xf32>) -> tensor<12x12x3xf32>
      %14 = stablehlo.multiply %13, %6 : tensor<12x12x3xf32>
      %15 = stablehlo.multiply %11, %11 : tensor<12x12xf32>
      %16 = stablehlo.multiply %15, %11 : tensor<12x12xf32>
      %17 = stablehlo.broadcast_in_dim %16, dims = [0, 1] : (tensor<12x12xf32>) -> tensor<12x12x1xf32>
      %18 = stablehlo.broadcast_in_dim %17, dims = [0, 1, 2] : (tensor<12x12x1xf32>) -> tensor<12x12x3xf32>
      %19 = stablehlo.multiply %14, %18 : tensor<12x12x3xf32>
      %cst_7 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %20 = stablehlo.reduce(%19 init: %cst_7) applies stablehlo.add across dimensions = [1] : (tensor<12x12x3xf32>, tensor<f32>) -> tensor<12x3xf32>
      %cst_8 = stablehlo.constant dense<5.000000e-03> : tensor<f32>
      %21 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<12x3xf32>
      %22 = stablehlo.multiply %21, %20 : tensor<12x3xf32>
      %23 = stablehlo.add %iterArg_4, %22 : tensor<12x3xf32>
      %cst_9 = stablehlo.constant dense<0.00999999977> : tensor<f32>
      %24 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<12x3xf32>
      %25 = stablehlo.multiply %24, %23 : tensor<12x3xf32>
      %26 = stablehlo.add %iterArg_3, %25 : tensor<12x3xf32>
      %27 = stablehlo.broadcast_in_dim %26, dims = [1, 2] : (tensor<12x3xf32>) -> tensor<1x12x3xf32>
      %28 = stablehlo.broadcast_in_dim %26, dims = [0, 2] : (tensor<12x3xf32>) -> tensor<12x1x3xf32>
      %29 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2] : (tensor<1x12x3xf32>) -> tensor<12x12x3xf32>
      %30 = stablehlo.broadcast_in_dim %28, dims = [0, 1, 2] : (tensor<12x1x3xf32>) -> tensor<12x12x3xf32>
      %31 = stablehlo.subtract %29, %30 : tensor<12x12x3xf32>
      %32 = stablehlo.multiply %31, %31 : tensor<12x12x3xf32>
      %cst_10 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %33 = stablehlo.reduce(%32 init: %cst_10) applies stablehlo.add across dimensions = [2] : (tensor<12x12x3xf32>, tensor<f32>) -> tensor<12x12xf32>
      %cst_11 = stablehlo.constant dense<0.00999999977> : tensor<f32>
      %34 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<12x12xf32>
      %35 = stablehlo.add %33, %34 : tensor<12x12xf32>
      %36 = stablehlo.rsqrt %35 : tensor<12x12xf32>
      %37 = stablehlo.broadcast_in_dim %iterArg, dims = [1] : (tensor<12xf32>) -> tensor<1x12x1xf32>
      %38 = stablehlo.broadcast_in_dim %37, dims = [0, 1, 2] : (tensor<1x12x1xf32>) -> tensor<12x12x3xf32>
      %39 = stablehlo.multiply %38, %31 : tensor<12x12x3xf32>
      %40 = stablehlo.multiply %36, %36 : tensor<12x12xf32>
      %41 = stablehlo.multiply %40, %36 : tensor<12x12xf32>
      %42 = stablehlo.broadcast_in_dim %41, dims = [0, 1] : (tensor<12x12xf32>) -> tensor<12x12x1xf32>
      %43 = stablehlo.broadcast_in_dim %42, dims = [0, 1, 2] : (tensor<12x12x1xf32>) -> tensor<12x12x3xf32>
      %44 = stablehlo.multiply %39, %43 : tensor<12x12x3xf32>
      %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %45 = stablehlo.reduce(%44 init: %cst_12) applies stablehlo.add across dimensions = [1] : (tensor<12x12x3xf32>, tensor<f32>) -> tensor<12x3xf32>
      %cst_13 = stablehlo.constant dense<5.000000e-03> : tensor<f32>
      %46 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<12x3xf32>
      %47 = stablehlo.multiply %46, %45 : tensor<12x3xf32>
      %48 = stablehlo.add %23, %47 : tensor<12x3xf32>
      %c_14 = stablehlo.constant dense<1> : tensor<i32>
      %49 = stablehlo.add %iterArg_1, %c_14 : tensor<i32>
      stablehlo.return %iterArg, %49, %1, %26, %48 : tensor<12xf32>, tensor<i32>, tensor<i32>, tensor<12x3xf32>, tensor<12x3xf32>
    }
    return %0#3, %0#4 : tensor<12x3xf32>, tensor<12x3xf32>
  }
}
