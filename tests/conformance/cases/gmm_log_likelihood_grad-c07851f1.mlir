module @jit_gmm_log_likelihood_grad attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xf32>, %arg1: tensor<4x3xf32>, %arg2: tensor<4x3xf32>, %arg3: tensor<50x3xf32>) -> (tensor<f32> {jax.result_info = "result[0]"}, tensor<4xf32> {jax.result_info = "result[1][0]"}, tensor<4x3xf32> {jax.result_info = "result[1][1]"}, tensor<4x3xf32> {jax.result_info = "result[1][2]"}) {
    %0 = stablehlo.broadcast_in_dim %arg3, dims = [0, 2] : (tensor<50x3xf32>) -> tensor<50x1x3xf32>
    %1 = stablehlo.broadcast_in_dim %arg1, dims = [1, 2] : (tensor<4x3xf32>) -> tensor<1x4x3xf32>
    %2 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2] : (tensor<50x1x3xf32>) -> tensor<50x4x3xf32>
    %3 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2] : (tensor<1x4x3xf32>) -> tensor<50x4x3xf32>
    %4 = stablehlo.subtract %2, %3 : tensor<50x4x3xf32>
    %5 = stablehlo.negate %arg2 : tensor<4x3xf32>
    %6 = stablehlo.exponential %5 : tensor<4x3xf32>
    %7 = stablehlo.broadcast_in_dim %6, dims = [1, 2] : (tensor<4x3xf32>) -> tensor<1x4x3xf32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1, 2] : (tensor<1x4x3xf32>) -> tensor<50x4x3xf32>
    %9 = stablehlo.multiply %4, %8 : tensor<50x4x3xf32>
    %10 = stablehlo.multiply %9, %9 : tensor<50x4x3xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %11 = stablehlo.reduce(%10 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<50x4x3xf32>, tensor<f32>) -> tensor<50x4xf32>
    %cst_0 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<50x4xf32>
    %13 = stablehlo.multiply %12, %11 : tensor<50x4xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %14 = stablehlo.reduce(%arg2 init: %cst_1) applies stablehlo.add across dimensions = [1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<4xf32>
    %15 = stablehlo.broadcast_in_dim %14, dims = [1] : (tensor<4xf32>) -> tensor<1x4xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<50x4xf32>
    %17 = stablehlo.subtract %13, %16 : tensor<50x4xf32>
    %cst_2 = stablehlo.constant dense<2.75681567> : tensor<f32>
    %18 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<50x4xf32>
    %19 = stablehlo.subtract %17, %18 : tensor<50x4xf32>
    %20:3 = call @log_softmax(%arg0) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<1xf32>)
    %21 = stablehlo.broadcast_in_dim %20#0, dims = [1] : (tensor<4xf32>) -> tensor<1x4xf32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<50x4xf32>
    %23 = stablehlo.add %22, %19 : tensor<50x4xf32>
    %cst_3 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %24 = stablehlo.reduce(%23 init: %cst_3) applies stablehlo.maximum across dimensions = [1] : (tensor<50x4xf32>, tensor<f32>) -> tensor<50xf32>
    %25 = stablehlo.reshape %24 : (tensor<50xf32>) -> tensor<50x1xf32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1] : (tensor<50x1xf32>) -> tensor<50x4xf32>
    %27 = stablehlo.compare EQ, %23, %26, FLOAT : (tensor<50x4xf32>, tensor<50x4xf32>) -> tensor<50x4xi1>
    %28 = stablehlo.convert %27 : (tensor<50x4xi1>) -> tensor<50x4xf32>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %29 = stablehlo.reduce(%28 init: %cst_4) applies stablehlo.add across dimensions = [1] : (tensor<50x4xf32>, tensor<f32>) -> tensor<50xf32>
    %cst_5 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %30 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %31 = stablehlo.maximum %30, %24 : tensor<50xf32>
    %cst_6 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %32 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %33 = stablehlo.compare GT, %24, %32, FLOAT : (tensor<50xf32>, tensor<50xf32>) -> tensor<50xi1>
    %cst_7 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %34 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %35 = stablehlo.compare EQ, %24, %34, FLOAT : (tensor<50xf32>, tensor<50xf32>) -> tensor<50xi1>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %36 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %cst_9 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %cst_10 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %38 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %39 = stablehlo.select %35, %38, %37 : tensor<50xi1>, tensor<50xf32>
    %40 = stablehlo.select %33, %36, %39 : tensor<50xi1>, tensor<50xf32>
    %41 = stablehlo.is_finite %31 : (tensor<50xf32>) -> tensor<50xi1>
    %cst_11 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %42 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %43 = stablehlo.select %41, %31, %42 : tensor<50xi1>, tensor<50xf32>
    %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %44 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %45 = stablehlo.broadcast_in_dim %43, dims = [0] : (tensor<50xf32>) -> tensor<50x1xf32>
    %46 = stablehlo.broadcast_in_dim %45, dims = [0, 1] : (tensor<50x1xf32>) -> tensor<50x4xf32>
    %47 = stablehlo.subtract %23, %46 : tensor<50x4xf32>
    %48 = stablehlo.exponential %47 : tensor<50x4xf32>
    %cst_13 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %49 = stablehlo.reduce(%48 init: %cst_13) applies stablehlo.add across dimensions = [1] : (tensor<50x4xf32>, tensor<f32>) -> tensor<50xf32>
    %50 = stablehlo.sign %49 : tensor<50xf32>
    %51 = stablehlo.abs %49 : tensor<50xf32>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %52 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %53 = stablehlo.compare GE, %49, %52, FLOAT : (tensor<50xf32>, tensor<50xf32>) -> tensor<50xi1>
    %54 = stablehlo.log %51 : tensor<50xf32>
    %55 = stablehlo.add %54, %43 : tensor<50xf32>
    %cst_15 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %56 = stablehlo.reduce(%55 init: %cst_15) applies stablehlo.add across dimensions = [0] : (tensor<50xf32>, tensor<f32>) -> tensor<f32>
    %cst_16 = stablehlo.constant dense<5.000000e+01> : tensor<f32>
    %57 = stablehlo.divide %56, %cst_16 : tensor<f32>
    %cst_17 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %cst_18 = stablehlo.constant dense<5.000000e+01> : tensor<f32>
    %58 = stablehlo.divide %cst_17, %cst_18 : tensor<f32>
    %59 = stablehlo.broadcast_in_dim %58, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %60 = stablehlo.divide %59, %51 : tensor<50xf32>
    %cst_19 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %61 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<50xf32>
    %62 = stablehlo.select %53, %61, %60 : tensor<50xi1>, tensor<50xf32>
    %63 = stablehlo.select %53, %60, %61 : tensor<50xi1>, tensor<50xf32>
    %64 = stablehlo.negate %62 : tensor<50xf32>
    %65 = stablehlo.add %63, %64 : tensor<50xf32>
    %66 = stablehlo.broadcast_in_dim %65, dims = [0] : (tensor<50xf32>) -> tensor<50x4xf32>
    %67 = stablehlo.multiply %66, %48 : tensor<50x4xf32>
    %cst_20 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %68 = stablehlo.reduce(%67 init: %cst_20) applies stablehlo.add across dimensions = [0] : (tensor<50x4xf32>, tensor<f32>) -> tensor<4xf32>
    %69 = stablehlo.reshape %68 : (tensor<4xf32>) -> tensor<1x4xf32>
    %cst_21 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %70 = stablehlo.reduce(%69 init: %cst_21) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf32>, tensor<f32>) -> tensor<4xf32>
    %71 = call @log_softmax_0(%20#1, %20#2, %70) : (tensor<4xf32>, tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
    %72 = stablehlo.negate %67 : tensor<50x4xf32>
    %cst_22 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %73 = stablehlo.reduce(%72 init: %cst_22) applies stablehlo.add across dimensions = [0] : (tensor<50x4xf32>, tensor<f32>) -> tensor<4xf32>
    %74 = stablehlo.reshape %73 : (tensor<4xf32>) -> tensor<1x4xf32>
    %cst_23 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %75 = stablehlo.reduce(%74 init: %cst_23) applies stablehlo.add across dimensions = [0] : (tensor<1x4xf32>, tensor<f32>) -> tensor<4xf32>
    %76 = stablehlo.broadcast_in_dim %75, dims = [0] : (tensor<4xf32>) -> tensor<4x3xf32>
    %cst_24 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %77 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f32>) -> tensor<50x4xf32>
    %78 = stablehlo.multiply %77, %67 : tensor<50x4xf32>
    %79 = stablehlo.broadcast_in_dim %78, dims = [0, 1] : (tensor<50x4xf32>) -> tensor<50x4x3xf32>
    %80 = stablehlo.multiply %9, %79 : tensor<50x4x3xf32>
    %81 = stablehlo.multiply %79, %9 : tensor<50x4x3xf32>
    %82 = stablehlo.add %81, %80 : tensor<50x4x3xf32>
    %83 = stablehlo.multiply %4, %82 : tensor<50x4x3xf32>
    %cst_25 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %84 = stablehlo.reduce(%83 init: %cst_25) applies stablehlo.add across dimensions = [0] : (tensor<50x4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
    %85 = stablehlo.reshape %84 : (tensor<4x3xf32>) -> tensor<1x4x3xf32>
    %86 = stablehlo.broadcast_in_dim %7, dims = [0, 1, 2] : (tensor<1x4x3xf32>) -> tensor<50x4x3xf32>
    %87 = stablehlo.multiply %82, %86 : tensor<50x4x3xf32>
    %cst_26 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %88 = stablehlo.reduce(%85 init: %cst_26) applies stablehlo.add across dimensions = [0] : (tensor<1x4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
    %89 = stablehlo.multiply %88, %6 : tensor<4x3xf32>
    %90 = stablehlo.negate %89 : tensor<4x3xf32>
    %91 = stablehlo.add %76, %90 : tensor<4x3xf32>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %92 = stablehlo.reduce(%87 init: %cst_27) applies stablehlo.add across dimensions = [0] : (tensor<50x4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
    %93 = stablehlo.reshape %92 : (tensor<4x3xf32>) -> tensor<1x4x3xf32>
    %94 = stablehlo.negate %93 : tensor<1x4x3xf32>
    %cst_28 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %95 = stablehlo.reduce(%94 init: %cst_28) applies stablehlo.add across dimensions = [0] : (tensor<1x4x3xf32>, tensor<f32>) -> tensor<4x3xf32>
    return %57, %71, %95, %91 : tensor<f32>, tensor<4xf32>, tensor<4x3xf32>, tensor<4x3xf32>
  }
  func.func private @log_softmax(%arg0: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<1xf32>) {
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %0 = stablehlo.reduce(%arg0 init: %cst) applies stablehlo.maximum across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %cst_0 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %1 = stablehlo.maximum %cst_0, %0 : tensor<f32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<1xf32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [0] : (tensor<1xf32>) -> tensor<4xf32>
    %4 = stablehlo.subtract %arg0, %3 : tensor<4xf32>
    %5 = stablehlo.exponential %4 : tensor<4xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %6 = stablehlo.reduce(%5 init: %cst_1) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %7 = stablehlo.broadcast_in_dim %6, dims = [] : (tensor<f32>) -> tensor<1xf32>
    %8 = stablehlo.log %7 : tensor<1xf32>
    %9 = stablehlo.broadcast_in_dim %8, dims = [0] : (tensor<1xf32>) -> tensor<4xf32>
    %10 = stablehlo.subtract %4, %9 : tensor<4xf32>
    return %10, %5, %7 : tensor<4xf32>, tensor<4xf32>, tensor<1xf32>
  }
  func.func private @log_softmax_0(%arg0: tensor<4xf32>, %arg1: tensor<1xf32>, %arg2: tensor<4xf32>) -> tensor<4xf32> {
    %0 = stablehlo.negate %arg2 : tensor<4xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %1 = stablehlo.reduce(%0 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %2 = stablehlo.reshape %1 : (tensor<f32>) -> tensor<1xf32>
    %3 = stablehlo.divide %2, %arg1 : tensor<1xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %4 = stablehlo.reduce(%3 init: %cst_0) applies stablehlo.add across dimensions = [0] : (tensor<1xf32>, tensor<f32>) -> tensor<f32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %6 = stablehlo.multiply %5, %arg0 : tensor<4xf32>
    %7 = stablehlo.add %arg2, %6 : tensor<4xf32>
    return %7 : tensor<4xf32>
  }
}
